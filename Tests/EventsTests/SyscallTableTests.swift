// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Testing

private let tables: [(name: String, table: SyscallTable)] = [
    ("x86_64", .table(.native, on: .x86_64)), ("i386", .table(.compat, on: .x86_64)),
    ("x32", .table(.x32, on: .x86_64)), ("arm64", .table(.native, on: .arm64)), ("arm", .table(.compat, on: .arm64)),
]

private let headers = "/usr/include/x86_64-linux-gnu/asm"

@Suite("System call tables")
struct SyscallTableTests {
    @Test("no number and no name occurs twice, and each finds the other")
    func roundTrip() {
        for (name, table) in tables {
            let entries = table.entries
            #expect(entries.count > 320, "\(name)")
            #expect(Set(entries.map(\.number)).count == entries.count, "\(name)")
            #expect(Set(entries.map(\.name)).count == entries.count, "\(name)")
            #expect(entries.map(\.number) == entries.map(\.number).sorted(), "\(name)")
            for entry in entries {
                #expect(table.name(entry.number) == entry.name)
                #expect(table.number(entry.name) == entry.number)
            }
        }
    }

    @Test("the names are the plain names a program's filter uses")
    func plainNames() {
        for (name, table) in tables {
            for entry in table.entries {
                #expect(!entry.name.hasPrefix("sys_") && !entry.name.hasPrefix("__"), "\(name): \(entry.name)")
                #expect(entry.name.utf8.allSatisfy { (97...122).contains($0) || (48...57).contains($0) || $0 == 95 })
            }
        }
    }

    @Test(
        "every call of the installed kernel headers has its number here",
        .enabled(
            if: FileManager.default.fileExists(atPath: headers + "/unistd_64.h"), "no x86 kernel headers installed"),
        arguments: [
            ("unistd_64.h", CallABI.native), ("unistd_32.h", CallABI.compat), ("unistd_x32.h", CallABI.x32),
        ])
    func equalsHeaders(header: String, abi: CallABI) throws {
        let text = try String(contentsOfFile: "\(headers)/\(header)", encoding: .utf8)
        let table = SyscallTable.table(abi, on: .x86_64)
        var seen = 0
        for line in text.split(separator: "\n") where line.hasPrefix("#define __NR_") {
            let words = line.split(whereSeparator: { " ()+\t".contains($0) })
            let name = String(try #require(words.dropFirst().first).dropFirst("__NR_".count))
            let number = try #require(words.last.flatMap { Int($0) }, "\(line)")
            #expect(table.name(number) == name)
            #expect(table.number(name) == number)
            seen += 1
        }
        #expect(seen > 300)
        let newest = table.entries.filter { $0.number < 512 }.map(\.number).max()
        #expect(newest ?? 0 >= 469)
    }

    @Test(
        "the arm64 table has the generic header's numbers",
        .enabled(
            if: FileManager.default.fileExists(atPath: "/usr/include/asm-generic/unistd.h"),
            "no kernel headers installed"))
    func equalsGenericHeader() throws {
        let text = try String(contentsOfFile: "/usr/include/asm-generic/unistd.h", encoding: .utf8)
        let table = SyscallTable.table(.native, on: .arm64)
        var seen = 0
        for line in text.split(separator: "\n") where line.hasPrefix("#define __NR_") {
            let words = line.split(whereSeparator: { " \t".contains($0) })
            // `#define __NR_ioctl 29`; lines with an expression, a macro or the 64-bit time calls of 32-bit tables do not
            // belong to arm64.
            guard words.count == 3, let number = Int(words[2]), number < 244 || number > 259,
                number < 403 || number > 423
            else { continue }
            let name = String(words[1].dropFirst("__NR_".count))
            guard name != "syscalls", name != "sync_file_range2" else { continue }
            #expect(table.name(number) == name)
            seen += 1
        }
        #expect(seen > 250)
    }

    @Test("one number means different calls in different tables")
    func tablesDiffer() {
        let native = SyscallTable.table(.native, on: .x86_64)
        let compat = SyscallTable.table(.compat, on: .x86_64)
        let x32 = SyscallTable.table(.x32, on: .x86_64)
        #expect(native.name(5) == "fstat" && compat.name(5) == "open")
        #expect(compat.number("umount") == 22 && compat.number("umount2") == 52 && native.number("umount") == nil)
        #expect(compat.number("_llseek") == 140 && compat.number("_newselect") == 142)
        #expect(compat.number("fadvise64_64") == 272 && compat.number("socketcall") == 102)
        #expect(native.number("newfstatat") == 262)
        #expect(x32.number("execve") == 520 && x32.number("pwritev2") == 547 && x32.name(59) == "#59")
        #expect(native.name(520) == "#520")
    }

    @Test("the Arm tables have Arm's own calls and none of the others")
    func arm() {
        let arm64 = SyscallTable.table(.native, on: .arm64)
        let arm = SyscallTable.table(.compat, on: .arm64)
        #expect(arm64.number("newfstatat") == 79 && arm64.number("fstat") == 80 && arm64.number("open") == nil)
        #expect(
            arm64.number("renameat") == 38 && arm64.number("getrlimit") == 163 && arm64.number("memfd_secret") == 447)
        #expect(arm64.number("riscv_hwprobe") == nil && arm64.number("clock_gettime64") == nil)
        #expect(arm.number("clock_gettime64") == 403 && arm.number("arm_fadvise64_64") == 270)
        #expect(arm.number("socketcall") == nil, "an OABI call")
        #expect(arm.number("set_tls") == 0xF0005 && arm.name(0xF0002) == "cacheflush")
        #expect(SyscallTable.table(.x32, on: .arm64).entries.isEmpty)
    }

    @Test("the newest calls are there under one number on every architecture")
    func newest() {
        for (name, table) in tables {
            for (number, call) in [
                (424, "pidfd_send_signal"), (451, "cachestat"), (462, "mseal"), (467, "open_tree_attr"),
                (469, "file_setattr"), (470, "listns"),
            ] {
                #expect(table.number(call) == number, "\(name)")
            }
        }
    }

    @Test("an unknown number has a name that leads back to it, and nonsense has no number")
    func unknown() {
        let table = SyscallTable.table(.native, on: .x86_64)
        #expect(table.name(4000) == "#4000" && table.number("#4000") == 4000)
        #expect(table.name(-1) == "#-1")
        for text in ["", "#", "#x", "#-1", "#+1", "#99999999999999999999", "READ", " read", "sys_read"] {
            #expect(table.number(text) == nil, "\(text)")
        }
    }
}
