// SPDX-License-Identifier: Apache-2.0
package import Events
internal import Platform

extension SeccompDocument {
    /// A document as a plain profile, and what of it did not go in, one line each for people.
    package struct Resolved: Equatable, Sendable {
        package var profile: OCISeccompProfile
        package var ignored: [String]
    }

    /// What an engine makes of the file for one container: rules whose conditions do not hold are gone, architectures are
    /// those of the machine, error numbers are numbers.
    package func resolved(for context: EngineContext) -> Resolved {
        var ignored = flaws.filter(\.isIgnored).map { flaw in (flaw.line.map { "line \($0): " } ?? "") + flaw.message }
        var profile = OCISeccompProfile(
            defaultAction: defaultAction, defaultErrnoRet: defaultErrnoRet, architectures: [],
            flags: flags.isEmpty ? nil : flags)
        let native: FilterArchitecture = context.architecture == .arm64 ? .aarch64 : .x86_64
        var names = architectures
        if let mapped = architectureMap.first(where: { $0.architecture == native.rawValue }) {
            names += [mapped.architecture] + mapped.others
        }
        var foreign: [String] = []
        for name in names {
            guard let architecture = FilterArchitecture(rawValue: name), architecture.machine == context.architecture
            else {
                foreign.append(HostileText.escaped(name))
                continue
            }
            if !profile.architectures.contains(architecture) { profile.architectures.append(architecture) }
        }
        if !foreign.isEmpty {
            ignored.append("architectures of other machines: \(foreign.joined(separator: ", "))")
        }
        var unknown: Set<String> = []
        for rule in rules where context.satisfies(rule) {
            unknown.formUnion(rule.names.filter { !CallCatalog.isKnown($0) })
            profile.syscalls.append(
                OCISeccompProfile.Rule(
                    names: rule.names, action: rule.action, errnoRet: rule.errnoRet,
                    args: rule.arguments.isEmpty ? nil : rule.arguments))
        }
        if !unknown.isEmpty {
            let list = unknown.map { HostileText.escaped($0) }.sorted()
            ignored.append("calls that nobody knows: \(list.joined(separator: ", "))")
        }
        return Resolved(profile: profile, ignored: ignored)
    }

    /// The machine it is for: this one, unless it names architectures of another alone.
    package var machine: Architecture {
        (architectures + architectureMap.map(\.architecture)).compactMap(FilterArchitecture.init(rawValue:)).machine
    }

    /// Whether what a runtime gets depends on more than the file.
    package var isConditional: Bool { !architectureMap.isEmpty || rules.contains(where: \.isConditional) }
}
