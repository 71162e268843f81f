// SPDX-License-Identifier: Apache-2.0
import Events
import Profiles
import Seccomp
import Testing

@Suite("Simulation of profiles")
struct SimulationTests {
    private func profile(
        _ calls: [String], architectures: [FilterArchitecture] = [.x86_64], more: [OCISeccompProfile.Rule] = []
    ) -> OCISeccompProfile {
        OCISeccompProfile(
            defaultAction: .errno, defaultErrnoRet: 38, architectures: architectures,
            syscalls: [.init(names: calls, action: .allow)] + more)
    }

    @Test("what would have been denied is named with the answer, the phase and who made it")
    func denied() throws {
        let behaviour = SampleProfile.make(
            workload: ["read", "mount", "clone3"], filteredSetup: ["capset", "read"], sessionSetup: ["setgroups"])
        let simulation = Simulation(
            profile(["read", "clone"], more: [.init(names: ["mount"], action: .errno, errnoRet: 1)]), against: behaviour
        )
        #expect(simulation.denials(.denied).map(\.call) == ["capset", "mount", "setgroups"])
        #expect(simulation.denials(.denied).map(\.answer) == ["ENOSYS", "EPERM", "ENOSYS"])
        #expect(
            simulation.denials(.denied).map(\.phases) == [
                ["setup-filtered"], ["workload"], ["session-setup-filtered"],
            ])
        #expect(simulation.denials(.denied)[1].executables == ["/usr/bin/web": 7])
        #expect(simulation.denials(.fallback).map(\.call) == ["clone3"])
        #expect(simulation.denials(.undecided).isEmpty && simulation.uses == 6)
    }

    @Test("calls of an architecture that is not listed are killed, numbers without a name are judged too")
    func architectures() throws {
        let behaviour = SampleProfile.make(workload: ["read", "#900"], compat: ["read"])
        let simulation = Simulation(profile(["read"]), against: behaviour)
        #expect(simulation.denials.map(\.call) == ["read", "#900"])
        #expect(simulation.denials.map(\.abi) == ["i386", "x86_64"])
        #expect(simulation.denials.map(\.answer) == ["kill", "ENOSYS"])
        #expect(Simulation(profile(["read"], architectures: [.x86_64, .x86]), against: behaviour).denials.count == 1)
    }

    @Test("conditions are decided by recorded values, and said where there are none")
    func conditions() throws {
        let rules = [UInt64(1), 2].map {
            OCISeccompProfile.Rule(
                names: ["socket"], action: .allow, args: [.masked(0, mask: 0xFFFF_FFFF, equals: $0)])
        }
        let behaviour = SampleProfile.make(workload: ["socket"], arguments: SampleProfile.families([1, 2, 10, 17]))
        let simulation = Simulation(profile([], more: rules), against: behaviour)
        #expect(simulation.denials.map(\.values) == [["AF_INET6", "AF_PACKET"]])
        #expect(simulation.denials.map(\.kind) == [.denied])
        let unknown = Simulation(profile([], more: rules), against: SampleProfile.make(workload: ["socket"]))
        #expect(unknown.denials.map(\.kind) == [.undecided])
        #expect(unknown.denials[0].answer.contains("arg0 & 0xffffffff == 1"))
        let full = SampleProfile.families([1, 2], overflowed: true)
        let open = Simulation(
            profile([], more: rules), against: SampleProfile.make(workload: ["socket"], arguments: full))
        #expect(open.denials.map(\.kind) == [.undecided])
    }

    @Test("a generated profile denies nothing of what it was made from but what was left out")
    func generated() throws {
        for (workload, left) in [(SampleProfile.server, []), (["read", "ptrace", "mount"], ["mount", "ptrace"])] {
            for compat in [[], ["read", "vfork"]] {
                let behaviour = SampleProfile.make(
                    workload: workload, compat: compat, filteredSetup: ["capset"],
                    arguments: SampleProfile.families([1, 2]))
                let generated = try SeccompGenerator.generate(behaviour)
                let simulation = Simulation(generated.oci, against: behaviour)
                #expect(simulation.denials(.denied).map(\.call) == left)
            }
        }
    }

    @Test("an empty behaviour profile denies nothing")
    func empty() {
        let simulation = Simulation(profile([]), against: SampleProfile.make(workload: []))
        #expect(simulation.denials.isEmpty && simulation.uses == 0)
    }
}
