// SPDX-License-Identifier: Apache-2.0
import CLibBPF
import Sensor
import Testing

/// What can be checked of an object without the machine that it is for.
@Suite("BPF objects")
struct ObjectTests {
    @Test("the objects of both architectures hold the same programs and maps of the same sizes")
    func sameShape() throws {
        let here = try Shape(of: "x86_64")
        let there = try Shape(of: "arm64")
        #expect(here.programs == Set(SensorProgram.allCases.map(\.rawValue)))
        #expect(there.programs == here.programs)
        #expect(there.maps == here.maps)
        #expect(here.maps["rf_slots"] == 2840 && here.maps["rf_subs"] == 1768)
    }

    private struct Unreadable: Error { let path: String }

    /// Names of programs, and of maps with the size of their values.
    private struct Shape {
        var programs: Set<String> = []
        var maps: [String: UInt32] = [:]

        init(of architecture: String) throws {
            let root = #filePath.dropLast("Tests/SensorTests/ObjectTests.swift".count)
            let path = "\(root)Sources/CSensorObjects/objects/ringfence_\(architecture).bpf.o"
            guard let object = unsafe bpf_object__open_file(path, nil) else { throw Unreadable(path: path) }
            defer { unsafe bpf_object__close(object) }
            var program = unsafe bpf_object__next_program(object, nil)
            while let current = unsafe program {
                programs.insert(unsafe String(cString: bpf_program__name(current)))
                unsafe program = bpf_object__next_program(object, current)
            }
            var map = unsafe bpf_object__next_map(object, nil)
            while let current = unsafe map {
                unsafe maps[String(cString: bpf_map__name(current))] = bpf_map__value_size(current)
                unsafe map = bpf_object__next_map(object, current)
            }
            maps = maps.filter { !$0.key.hasSuffix(".rodata") }
        }
    }
}
