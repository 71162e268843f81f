// SPDX-License-Identifier: Apache-2.0
import Events
import FoundationEssentials
import Platform
import TestSupport
import Testing

@testable import Containers

@Suite("Posture")
struct PostureTests {
    private static let id = "4764d5fba9ef9c669f78b27ce6250947eaef0aec4ce4fa478d00a95b0000687f"

    /// What is read of a container whose bundle has this configuration.
    private func read(_ config: String, _ change: (inout ContainerDescription) -> Void = { _ in }) throws -> Posture {
        let bundle = try TemporaryDirectory()
        try bundle.write(config, to: "config.json")
        var container = ContainerDescription(id: Self.id, name: "web", engine: .docker)
        container.bundle = bundle.path
        change(&container)
        return PostureReader(hierarchy: nil).read(container)
    }

    private func items(_ posture: Posture) -> Set<String> { Set(RiskScore(posture).parts.map(\.item)) }

    private static func config(mounts: String = "[]", linux: String = "{}", process: String = "{}") -> String {
        #"{"process":\#(process),"root":{},"mounts":\#(mounts),"linux":\#(linux)}"#
    }

    @Test("what Docker told its runtime is answered question by question")
    func docker() throws {
        let posture = try read(fixture("posture/docker.json")) {
            $0.isPrivileged = false
            $0.publishedPorts = ["*:8080 -> 80/tcp"]
        }
        #expect(posture.source == .configuration && posture.isPrivileged == false && posture.user == 0)
        #expect(posture.capabilities?.count == 14 && posture.capabilities?.contains("CAP_NET_RAW") == true)
        #expect(posture.mounts == [.init(source: "/etc", destination: "/host-etc", isReadOnly: true)])
        #expect(posture.hasSeccomp == true && posture.noNewPrivileges == false && posture.label == "")
        #expect(posture.limits == .init(memory: 64 << 20, pids: 50, cpus: 0.5) && posture.isRootReadOnly == false)
        #expect(posture.isHostNamespace[.cgroup] == true && posture.isHostNamespace[.network] == false)
        #expect(posture.secrets == ["API_TOKEN"] && posture.devices == [] && posture.hasAllDevices == false)
        #expect(PostureQuestion.allCases.allSatisfy { !$0.isUnknown(posture) } && posture.notes.isEmpty)
        #expect(items(posture).isSuperset(of: ["root-user", "mount:/etc", "published-port", "secret-in-environment"]))
        #expect(items(posture).isDisjoint(with: ["no-seccomp", "no-memory-limit", "privileged", "unknown"]))
    }

    @Test("a privileged Podman container with Docker's socket in it has everything against it")
    func podman() throws {
        let posture = try read(fixture("posture/podman-privileged.json")) { $0.publishedPorts = [] }
        #expect(posture.isPrivileged == true && posture.hasSeccomp == false && posture.hasAllDevices == true)
        #expect(posture.capabilities?.contains("CAP_SYS_ADMIN") == true)
        #expect(posture.devices == ["/dev/fuse", "/dev/kmsg", "/dev/kvm"] && posture.limits == .init())
        let risk = RiskScore(posture)
        #expect(risk.score == 100 && risk.parts.first?.points == 40)
        #expect(items(posture).isSuperset(of: ["privileged", "engine-socket", "no-seccomp", "all-devices"]))
        #expect(risk.headlines.contains("privileged") && risk.headlines.count == 9)
        #expect(risk.headlines.contains { $0.hasPrefix("engine socket mounted: /run/docker.sock") })
    }

    @Test("containerd's own client gives no seccomp filter, and that is seen")
    func containerd() throws {
        let posture = try read(fixture("posture/containerd.json")) { $0.publishedPorts = [] }
        #expect(posture.hasSeccomp == false && posture.noNewPrivileges == true && posture.isPrivileged == false)
        #expect(posture.mounts == [] && posture.secrets == [])
        #expect(items(posture).contains("no-seccomp") && !items(posture).contains("new-privileges"))
    }

    @Test("a report is JSON of a fixed form, and reads back")
    func golden() throws {
        let posture = try read(fixture("posture/docker.json")) { $0.isPrivileged = false }
        let report = PostureReport(
            posture, risk: RiskScore(posture, calls: [.init(name: "ptrace", tier: 0)]),
            capabilitiesUsed: CapabilitySet(names: ["CAP_NET_RAW", "CAP_CHOWN"]))
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        let text = String(decoding: try encoder.encode(report), as: UTF8.self) + "\n"
        #expect(text == (try fixture("posture/docker-report.json")), "\(text)")
        #expect(try JSONDecoder().decode(PostureReport.self, from: Data(text.utf8)) == report)
        #expect(!text.contains("hunter2"))
        let untold = PostureReport(posture, risk: RiskScore(posture))
        #expect(untold.capabilitiesUnused == nil && untold.capabilitiesNote?.contains("not recorded") == true)
    }

    @Test(
        "what is not there is not known, and never safe",
        arguments: ["{}", "", "[]", "null", #"{"linux":7}"#, "{\"process\":"])
    func damaged(config: String) throws {
        let posture = try read(config)
        #expect(PostureQuestion.allCases.allSatisfy { $0.isUnknown(posture) }, "\(posture)")
        let risk = RiskScore(posture)
        #expect(risk.parts.count == PostureQuestion.allCases.count && risk.parts.allSatisfy(\.isUnknown))
        #expect(risk.score == 42 && risk.headlines == ["not known: privileged, user, user namespace and 11 more"])
        #expect(PostureReport(posture, risk: risk).facts.allSatisfy { !$0.isKnown && $0.answer == "not known" })
    }

    @Test("a configuration that is cut anywhere is never taken for a good one")
    func cut() throws {
        let whole = Array(try fixture("posture/docker.json").utf8)
        for length in stride(from: 0, to: whole.count - 2, by: 397) {
            let posture = try read(String(decoding: whole.prefix(length), as: UTF8.self))
            #expect(posture.source == .nothing && posture.capabilities == nil && !posture.notes.isEmpty, "\(length)")
        }
    }

    @Test("names of every kind leave every answer on one line, without a value of the environment")
    func hostile() throws {
        let evil = "\u{202E}\u{1B}[2J\n\r\u{2028}\"}\\\u{0}x"
        let word = String(decoding: try JSONEncoder().encode(evil), as: UTF8.self)
        let path = String(decoding: try JSONEncoder().encode("/" + evil), as: UTF8.self)
        let secret = String(decoding: try JSONEncoder().encode("TOKEN\(evil)=VALUE"), as: UTF8.self)
        let posture = try read(
            Self.config(
                mounts: #"[{"destination":\#(word),"type":"bind","source":\#(path),"options":[\#(word)]}]"#,
                linux: #"{"devices":[{"path":\#(word)}],"namespaces":[{"type":\#(word),"path":\#(word)}]}"#,
                process: #"{"env":[\#(secret),\#(word)],"apparmorProfile":\#(word)}"#))
        let report = PostureReport(posture, risk: RiskScore(posture))
        let lines = report.facts.map(\.answer) + report.risk.parts.map(\.what) + report.risk.headlines + report.notes
        #expect(lines.allSatisfy(HostileText.isEscaped))
        #expect(posture.mounts?.count == 1 && posture.devices?.count == 1 && posture.secrets?.count == 1)
        #expect(!lines.contains { $0.contains("VALUE") })
    }

    @Test("more than can be looked at is not known")
    func many() throws {
        let mount = #"{"destination":"/a","type":"bind","source":"/opt/a"}"#
        let mounts = "[" + Array(repeating: mount, count: Posture.listLimit + 1).joined(separator: ",") + "]"
        let posture = try read(Self.config(mounts: mounts))
        #expect(posture.mounts == nil && PostureQuestion.mounts.isUnknown(posture))
        #expect(posture.notes.contains { $0.contains("1025 mounts") })
    }

    @Test(
        "host paths count by what they are, hold, or lie in",
        arguments: [
            ("/", "mount:/"), ("/etc", "mount:/etc"), ("/etc/shadow", "mount:/etc/shadow"), ("/etc/localtime", nil),
            ("/root/.ssh", "mount:/root/"), ("/proc/sys/kernel", "mount:/proc/"), ("/sys/fs/cgroup", "mount:/sys/"),
            ("/dev", "mount:/dev"), ("/dev/shm", nil), ("/boot/grub", "mount:/boot/"),
            ("/var/lib/docker/volumes/v/_data", nil),
            ("/var/lib", "mount:/var/lib/docker"), ("/var/run/docker.sock", "engine-socket"),
            ("/opt/../etc/", "mount:/etc"), ("/run/user/1000/podman/podman.sock", "engine-socket"), ("/opt/data", nil),
            ("/var/lib/kubelet/pods/u/volumes/x", nil), ("/var/lib/kubelet", "mount:/var/lib/kubelet"),
        ])
    func mounts(source: String, item: String?) throws {
        let posture = try read(
            Self.config(mounts: #"[{"destination":"/m","type":"none","source":"\#(source)","options":["rbind"]}]"#)
        ) { $0.owner = 0 }
        let found = RiskScore(posture).parts.filter { $0.item.hasPrefix("mount:") || $0.item == "engine-socket" }
        if let item, item == "mount:/var/lib/docker" {
            // Several of them are in it.
            #expect(found.count == 1 && found.first?.points == 30)
        } else {
            #expect(found.map(\.item) == [item].compactMap { $0 })
        }
    }

    @Test("a namespace that is joined is the host's if it is the same one, and unknown where it cannot be seen")
    func namespaces() throws {
        let linux =
            #"{"namespaces":[{"type":"pid","path":"/proc/1/ns/pid"},{"type":"network","path":"/gone"},{"type":"uts"}]}"#
        let posture = try read(Self.config(linux: linux))
        // Whether the first process can be looked at is up to the machine.
        #expect(posture.isHostNamespace[.pid] == (FileTree.exists("/proc/1/ns/pid") ? true : nil))
        #expect(posture.isHostNamespace[.network] == nil && posture.isHostNamespace[.uts] == false)
        #expect(posture.isHostNamespace[.ipc] == true && posture.hasUserNamespace == false)
        #expect(PostureQuestion.namespaces.answer(posture)?.contains("not known: ") == true)
        #expect(PostureQuestion.namespaces.isUnknown(posture) && items(posture).contains("unknown"))
    }

    @Test("a filter that refuses nothing is none")
    func seccomp() throws {
        func isOn(_ seccomp: String) throws -> Bool? {
            try read(Self.config(linux: #"{"seccomp":\#(seccomp)}"#)).hasSeccomp
        }
        #expect(try isOn(#"{"defaultAction":"SCMP_ACT_ALLOW"}"#) == false)
        #expect(
            try isOn(#"{"defaultAction":"SCMP_ACT_ALLOW","syscalls":[{"names":["x"],"action":"SCMP_ACT_ERRNO"}]}"#)
                == true)
        #expect(try isOn(#"{"defaultAction":"SCMP_ACT_ERRNO"}"#) == true)
        #expect(try isOn("null") == false)
    }

    @Test("labels that confine nothing are none")
    func labels() {
        #expect(Posture.confines(label: "docker-default (enforce)"))
        #expect(Posture.confines(label: "system_u:system_r:container_t:s0:c1,c2"))
        for label in ["", "unconfined", "docker-default (complain)", "u:r:spc_t:s0", "u:r:unconfined_t:s0-s0:c0.c1023"]
        {
            #expect(!Posture.confines(label: label), "\(label)")
        }
    }

    @Test("secrets are told by their names, or by a password in a URL")
    func secrets() {
        #expect(
            SecretName.names(in: [
                "DB_PASSWORD=x", "API_TOKEN=", "AWS_SECRET_ACCESS_KEY=x", "POSTGRES_PASSWORD_FILE=/run/x", "PATH=/bin",
                "DATABASE_URL=postgres://u:p@db/x", "HOME_URL=https://example.org/a:b@c", "NOTHING", "=x", "db_pass=x",
            ]) == ["AWS_SECRET_ACCESS_KEY", "DATABASE_URL", "DB_PASSWORD", "db_pass"])
    }

    @Test("without a configuration the first process is asked, and what it cannot tell is not known")
    func process() throws {
        let procfs = try TemporaryDirectory()
        for kind in ["pid", "net", "ipc", "uts", "cgroup", "user", "mnt"] {
            try procfs.write("", to: "1/ns/\(kind)")
            if kind != "net" { try procfs.write("", to: "7/ns/\(kind)") }
        }
        try FileManager.default.createSymbolicLink(
            atPath: procfs.file("7/ns/net"), withDestinationPath: procfs.file("1/ns/net"))
        try procfs.write(
            "Name:\tx\nUid:\t1000\t100000\t1000\t1000\nCapBnd:\t0000000000202000\nNoNewPrivs:\t1\nSeccomp:\t0\n",
            to: "7/status")
        try procfs.write("         0     100000      65536\n", to: "7/uid_map")
        try procfs.write("docker-default (enforce)\n", to: "7/attr/current")
        try procfs.write("1 0 0:1 / / ro,relatime - overlay overlay rw\n", to: "7/mountinfo")
        try procfs.write("TOKEN=x\u{0}PATH=/bin\u{0}", to: "7/environ")
        var container = ContainerDescription(id: "x", name: "x", engine: .containerd)
        container.pid = 7
        let posture = PostureReader(hierarchy: nil, procfs: procfs.path).read(container)
        #expect(posture.source == .process && posture.user == 0 && posture.hasUserNamespace == true)
        #expect(posture.capabilities?.names == ["CAP_NET_RAW", "CAP_SYS_ADMIN"])
        #expect(posture.noNewPrivileges == true && posture.hasSeccomp == false)
        #expect(posture.isHostNamespace[.network] == true && posture.isHostNamespace[.pid] == false)
        #expect(posture.label == "docker-default (enforce)" && posture.isRootReadOnly == true)
        #expect(posture.secrets == ["TOKEN"])
        #expect(
            PostureQuestion.allCases.filter { $0.isUnknown(posture) }
                == [.privileged, .mounts, .devices, .limits, .ports])
        container.pid = 8
        let gone = PostureReader(hierarchy: nil, procfs: procfs.path).read(container)
        #expect(gone.source == .nothing && PostureQuestion.allCases.allSatisfy { $0.isUnknown(gone) })
    }
}
