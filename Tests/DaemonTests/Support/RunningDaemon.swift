// SPDX-License-Identifier: Apache-2.0
import Alerts
import FoundationEssentials
import Glibc
import Platform
import Profiles
import Sensor
import TestSupport
import Testing

/// The built `ringfenced` with a state directory and a configuration of its own. There is one at a time on a machine: it
/// holds a lock until the value dies, and then nothing of it is left.
final class RunningDaemon {
    /// Short epochs and a large share: a profile is compared after about six seconds.
    static let shortLearning = "[Learning]\nWindow=3s\nEpoch=1s\nShare=50%\n"
    private static let lockPath = "/run/ringfence-test/daemon.lock"

    let workspace: Workspace
    var stateDirectory: String { workspace.file("state") }
    private let environment: [String: String]
    private let lock: CInt
    private var child: ChildProcess?
    private var runs = 0

    /// Writes the configuration; `start` starts it. `scope` is Scope=, `more` follows in the section [Daemon].
    init(
        scope: String = "containers", _ more: String = "", learning: String = shortLearning, kernel: String = "",
        environment: [String: String] = [:]
    ) throws {
        workspace = try Workspace()
        self.environment = environment
        _ = unsafe mkdir("/run/ringfence-test", 0o755)
        lock = unsafe open(Self.lockPath, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        let lock = lock
        try #require(Shell.eventually(seconds: 120) { flock(lock, LOCK_EX | LOCK_NB) == 0 }, "another daemon runs")
        try workspace.write(
            """
            [Daemon]
            StateDirectory=\(stateDirectory)
            RuntimeDirectory=\(workspace.file("run"))
            Scope=\(scope)
            \(more)
            \(learning)
            [Kernel]
            \(kernel)

            """, to: "ringfence.conf")
        _ = try Shell.run([Ringfence.daemon, "--detach"])
        try makeRuntimeDirectory()
    }

    deinit {
        kill()
        _ = try? Shell.run([Ringfence.daemon, "--detach"])
        _ = close(lock)
    }

    private func makeRuntimeDirectory() throws {
        try FileManager.default.createDirectory(
            atPath: workspace.file("run"), withIntermediateDirectories: true)
        _ = unsafe chmod(workspace.file("run"), 0o750)
    }

    /// What it said since it was started last.
    var words: String { workspace.text("daemon-\(runs).err") }
    /// What it wrote to its standard output since then.
    var output: String { workspace.text("daemon-\(runs).out") }
    var pid: Int32 { child?.pid ?? 0 }

    /// Starts it without waiting for anything.
    func launch(environment more: [String: String] = [:]) throws {
        runs += 1
        let all = ProcessInfo.processInfo.environment.merging(environment) { $1 }.merging(more) { $1 }
        let base = workspace.file("daemon-\(runs)")
        child = try ChildProcess.start(
            ChildProcess.Request(
                arguments: [
                    "/bin/sh", "-c", "exec \"$0\" \"$@\" </dev/null >\(base).out 2>\(base).err", Ringfence.daemon,
                    "--config", workspace.file("ringfence.conf"),
                ], environment: all.map { "\($0.key)=\($0.value)" }))
    }

    /// Starts it and waits until it watches.
    func start(environment more: [String: String] = [:]) throws {
        try launch(environment: more)
        try #require(Shell.eventually(seconds: 60) { words.contains("ringfenced: watching ") }, "\(words)")
    }

    /// Ends it with a signal; its exit code.
    @discardableResult
    func stop(_ signal: CInt = SIGINT) throws -> Int32 {
        guard let child else { return 0 }
        child.send(signal)
        self.child = nil
        return try Shell.end(of: child, ["ringfenced"], seconds: 60)
    }

    /// Ends it as a crash does. What it has pinned stays at work.
    func kill() { _ = try? stop(SIGKILL) }

    /// Every incident, in its latest revision.
    func alerts() -> [Alert] {
        (try? AlertLog(path: stateDirectory + "/alerts.jsonl").read())?.alerts ?? []
    }

    /// The incidents of one container, by its name.
    func alerts(of name: String) -> [Alert] { alerts().filter { $0.container.name == name } }

    /// The stored profile of a key; nil if there is none.
    func profile(_ key: String) throws -> BehaviourProfile? {
        try ProfileDirectory(stateDirectory + "/profiles").load(key, now: Date()).profile
    }

    func state(of key: String) -> ProfileLearning.State? { (try? profile(key))?.learning?.state }

    /// Waits until the daemon compares what these profiles are of; says which are not.
    func waitUntilMonitoring(_ keys: [String], seconds: Double = 120, meanwhile: () throws -> Void = {}) throws {
        let isSo = try Shell.eventually(seconds: seconds) {
            try meanwhile()
            return keys.allSatisfy { words.contains("the profile \($0) is monitoring") }
        }
        try #require(isSo, "\(keys.map { "\($0): \(state(of: $0)?.rawValue ?? "none")" }): \(words)")
    }

    /// The same while `work` is done three times a second, which is what is to be learned.
    func learn(_ keys: [String], seconds: Double = 120, work: () -> Void) throws {
        var last: UInt64 = 0
        try waitUntilMonitoring(keys, seconds: seconds) {
            guard BootClock.nanoseconds > last + 300_000_000 else { return }
            last = BootClock.nanoseconds
            work()
        }
    }

    /// Whether nothing is pinned, and no program of ours is attached.
    static func isNothingLeft() throws -> Bool {
        try !FileTree.exists(PinDirectory.standard) && programs().isEmpty
    }

    /// The names of the loaded programs of ours.
    static func programs() throws -> [String] {
        let list = try Shell.run(["bpftool", "prog", "list"]).output
        return list.split(separator: "\n").filter { $0.contains(" name rf_") }.map(String.init)
    }
}
