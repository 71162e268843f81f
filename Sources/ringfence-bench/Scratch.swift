// SPDX-License-Identifier: Apache-2.0
import FoundationEssentials
import Glibc

/// A directory that is removed when the value dies.
struct Scratch: ~Copyable {
    let path = "/tmp/ringfence-bench-\(getpid())-\(UInt32.random(in: 0 ... .max))"

    init() throws(BenchmarkError) {
        do {
            try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        } catch { throw .unavailable("cannot create the directory \(path)") }
    }

    func write(_ text: String, to name: String) throws(BenchmarkError) {
        do { try Data(text.utf8).write(to: URL(filePath: path + "/" + name)) } catch {
            throw .unavailable("cannot write \(path)/\(name)")
        }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
}
