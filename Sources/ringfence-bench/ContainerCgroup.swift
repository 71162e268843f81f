// SPDX-License-Identifier: Apache-2.0
import Containers
import Glibc

/// A cgroup that is named as Docker names those of its containers, with processes of ours in it. They are killed and it is
/// removed when the value dies.
final class ContainerCgroup {
    /// 64 hexadecimal digits, as of a container.
    let id: String
    private let hierarchy: CgroupHierarchy
    private let path: String
    private var children: [Child] = []

    init() throws(BenchmarkError) {
        let digits = Array("0123456789abcdef")
        id = String((0..<64).map { _ in digits.randomElement() ?? "0" })
        path = "/docker/" + id
        do {
            hierarchy = try CgroupHierarchy.detect()
            if !hierarchy.exists("/docker") { try hierarchy.create("/docker") }
            try hierarchy.create(path)
        } catch { throw .unavailable("\(error)") }
    }

    /// Starts a program in it.
    @discardableResult
    func start(_ words: [String]) throws(BenchmarkError) -> Child {
        let child = try Child(words, cgroup: hierarchy.directory(of: path) + "/cgroup.procs")
        children.append(child)
        return child
    }

    /// Sends a signal to all that were started.
    func signal(_ number: CInt) { children.forEach { _ = kill($0.pid, number) } }

    /// Kills what is in it and removes it.
    func end() {
        signal(SIGKILL)
        for child in children { _ = try? child.end(seconds: 5) }
        children = []
        for _ in 0..<2000 {
            if (try? hierarchy.remove(path)) != nil { return }
            Child.pause()
        }
    }

    deinit { end() }
}
