// SPDX-License-Identifier: Apache-2.0
import Events
import Testing

@Suite("Capability sets")
struct CapabilitySetTests {
    @Test("names and bits are those of capabilities(7)")
    func namesAreTheKernels() throws {
        let set = try #require(CapabilitySet(names: ["CAP_SYS_ADMIN", "net_bind_service", "Cap_Chown"]))
        #expect(set.rawValue == 1 << 21 | 1 << 10 | 1)
        #expect(set.names == ["CAP_CHOWN", "CAP_NET_BIND_SERVICE", "CAP_SYS_ADMIN"])
        #expect(CapabilitySet.all.count == 41)
        #expect(CapabilitySet(names: ["all"]) == .all)
        #expect(CapabilitySet(names: ["CAP_NONE_SUCH"]) == nil)
    }

    @Test("every mask comes back from its names and from its digits", arguments: 0..<64)
    func masksComeBack(bit: UInt64) throws {
        let one = CapabilitySet(rawValue: 1 << bit)
        #expect(CapabilitySet(names: one.names) == one)
        #expect(CapabilitySet(hexadecimal: one.hexadecimal) == one)
        let others = CapabilitySet(rawValue: ~(1 << bit))
        #expect(CapabilitySet(names: others.names) == others)
        #expect(CapabilitySet(hexadecimal: others.hexadecimal) == others)
        #expect(others.intersection(one).isEmpty)
        #expect(others.union(one).subtracting(others) == one)
    }

    @Test(
        "digits are read as the kernel prints them, and nothing else is", arguments: ["", "+1", "-1", "0x1", "g", "1 "])
    func refusesOtherDigits(text: String) {
        #expect(CapabilitySet(hexadecimal: text) == nil)
    }

    @Test("Docker's own fourteen are read from a status line")
    func readsDockersDefault() throws {
        let set = try #require(CapabilitySet(hexadecimal: "00000000a80425fb"))
        #expect(set.count == 14)
        #expect(set.contains("CAP_NET_RAW"))
        #expect(!set.contains("CAP_SYS_ADMIN"))
        #expect(!set.contains("nothing"))
    }
}
