// SPDX-License-Identifier: Apache-2.0
import CEvents
import Detection
import Events
import Testing

@Suite("PolicyTables")
struct PolicyTests {
    @Test("a policy allows exactly the calls it was filled with, for each ABI and for sessions apart")
    func allowsWhatWasFilled() {
        let array = PolicyArray(count: 3)
        var bits = PolicyBits.nothing
        bits.set([0, 63, 64, 575], of: .native, session: false)
        bits.set([5], of: .compat, session: false)
        bits.set([1], of: .native, session: true)
        bits.set(operations: [0, 127], session: false)
        bits.set(operations: [64], session: true)
        array.tables.fill(1, with: bits, serial: 7, profile: 9)
        for session in [false, true] {
            for abi in CallABI.allCases {
                for number in 0..<Int64(576) {
                    let expected = bits.allows(Int(number), of: abi, session: session)
                    let allowed = array.tables.allows(policy: 2, session: session, abi: abi.rawValue, number: number)
                    #expect(allowed == expected)
                }
            }
            for operation in 0..<Int64(128) {
                let expected = bits.allows(operation: Int(operation), session: session)
                #expect(array.tables.allowsIO(policy: 2, session: session, operation: operation) == expected)
            }
        }
        #expect(array.tables.allows(policy: 2, session: false, abi: 0, number: 575))
        #expect(array.tables.allows(policy: 2, session: false, abi: 1, number: 5))
        #expect(!array.tables.allows(policy: 2, session: true, abi: 1, number: 5))
        #expect(array.tables.allowsIO(policy: 2, session: true, operation: 64))
        #expect(array.identity(1) == (7, 9))
    }

    @Test("C reads the same words that were filled, and the neighbours stay untouched")
    func layout() {
        let array = PolicyArray(count: 3)
        var bits = PolicyBits.nothing
        bits.set([64 * 8 + 3], of: .x32, session: true)
        bits.set(operations: [65], session: true)
        array.tables.fill(1, with: bits, serial: 1, profile: 1)
        #expect(array.word(1, judged: 1, abi: 2, word: 8) == 8)
        #expect(array.operationWord(1, judged: 1, word: 1) == 2)
        for index in [0, 2] {
            for judged in UInt32(0)..<2 {
                for abi in UInt32(0)..<3 {
                    for word in UInt32(0)..<9 { #expect(array.word(index, judged: judged, abi: abi, word: word) == 0) }
                }
            }
        }
        #expect(PolicyTables.stride == 512)
    }

    @Test("no policy allows everything, one beyond the array nothing")
    func bounds() {
        let array = PolicyArray(count: 2)
        array.tables.fill(0, with: .everything, serial: 1, profile: 1)
        array.tables.fill(1, with: .everything, serial: 2, profile: 1)
        #expect(array.tables.allows(policy: 0, session: false, abi: 0, number: -1))
        #expect(array.tables.allowsIO(policy: 0, session: false, operation: 1000))
        for policy: UInt32 in [3, 4, .max] {
            #expect(!array.tables.contains(policy))
            #expect(!array.tables.allows(policy: policy, session: false, abi: 0, number: 0))
            #expect(!array.tables.allowsIO(policy: policy, session: false, operation: 0))
            #expect(!array.tables.allowsAny(policy: policy, session: false, abi: 0))
        }
        for policy: UInt32 in [0, 1, 2] { #expect(array.tables.contains(policy)) }
    }

    @Test("a policy that allows everything still allows no number outside the tables")
    func outside() {
        let array = PolicyArray(count: 1)
        array.tables.fill(0, with: .everything, serial: 1, profile: 1)
        for number: Int64 in [-1, 576, 577, .min, .max, 1 << 32, -(1 << 32)] {
            #expect(!array.tables.allows(policy: 1, session: false, abi: 0, number: number))
            #expect(!array.tables.allowsIO(policy: 1, session: true, operation: number))
        }
        #expect(array.tables.allows(policy: 1, session: true, abi: 2, number: 575))
        #expect(!array.tables.allows(policy: 1, session: false, abi: 3, number: 0))
        #expect(!array.tables.allowsIO(policy: 1, session: false, operation: 128))
    }

    @Test("what was allowed can be forbidden, and numbers that no table holds are left out")
    func bits() {
        var bits = PolicyBits.everything
        bits.set([101, -1, 576], of: .native, session: false, allowed: false)
        #expect(!bits.allows(101, of: .native, session: false))
        #expect(bits.allows(101, of: .native, session: true))
        #expect(bits.allows(100, of: .native, session: false))
        var none = PolicyBits.nothing
        none.set([-1, 576, .max], of: .x32, session: true)
        none.set(operations: [-1, 128], session: true)
        #expect(none == .nothing)
    }

    @Test("an index beyond the array cannot be filled")
    func fillBounds() async {
        await #expect(processExitsWith: .failure) {
            PolicyArray(count: 1).tables.fill(1, with: .nothing, serial: 0, profile: 0)
        }
    }
}
