// SPDX-License-Identifier: Apache-2.0
import Testing

@testable import Containers

@Suite("ContainerScope")
struct ContainerScopeTests {
    private static let id = String(repeating: "ab12", count: 16)

    @Test(
        "a path is told for what it is, and each scope takes what it should",
        arguments: [
            ("/docker/\(id)/inner", "container", "/docker/\(id)", 3),
            ("/lxc.payload.web/x", "container", "/lxc.payload.web", 3),
            ("/system.slice/nginx.service/worker", "service", "/system.slice/nginx.service", 2),
            ("/user.slice/user-1000.slice/user@1000.service/app.slice/web.service", "service", nil, 2),
            ("/user.slice/user-1000.slice/session-3.scope", "session", nil, 1), ("/init.scope", "scope", nil, 1),
            ("/system.slice/session-3.scope", "scope", nil, 1), ("/system.slice", "slice", nil, 1),
            ("/rfbare", "other", nil, 1), ("/", "root", nil, 0), ("", "root", "/", 0),
            ("/system.slice/ringfenced.service", "own", nil, 0),
            ("/system.slice/ringfenced.service/sink", "own", "/system.slice/ringfenced.service", 0),
            ("/user.slice/user-1000.slice/user@1000.service/app.slice/ringfenced.service", "service", nil, 2),
        ] as [(String, String, String?, Int)])
    func roles(path: String, role: String, root: String?, scopes: Int) {
        let standings = ContainerScope.allCases.map { $0.standing(of: path) }
        #expect(standings.allSatisfy { $0.role.rawValue == role && $0.path == root ?? path })
        // From narrow to wide: containers, containers+services, all.
        #expect(standings.map(\.isInScope) == [scopes > 2, scopes > 1, scopes > 0])
    }

    @Test("a bare runtime's container is in scope once its state was read")
    func bare() {
        var container = ContainerDescription(id: "one", name: "one", engine: .runc)
        container.cgroupPath = "/one"
        let standing = ContainerScope.containers.standing(of: "/one/below", container: container)
        #expect(standing == CgroupStanding(role: .container, path: "/one", isInScope: true))
        #expect(!ContainerScope.containers.standing(of: "/one/below").isInScope)
        let unit = ContainerDescription(id: "x.service", name: "x.service", engine: .systemd)
        #expect(ContainerScope.containers.standing(of: "/system.slice/x.service", container: unit).role == .service)
    }

    @Test("our own cgroup is out of scope with what is below it, containers excepted, and the root is never ours")
    func own() {
        let all = ContainerScope.all
        #expect(all.standing(of: "/ours", own: "/ours").role == .own)
        #expect(
            all.standing(of: "/ours/sink", own: "/ours") == CgroupStanding(role: .own, path: "/ours", isInScope: false))
        #expect(all.standing(of: "/oursnot", own: "/ours").isInScope)
        #expect(all.standing(of: "/ours/docker/\(Self.id)", own: "/ours").role == .container)
        #expect(all.standing(of: "/anything", own: "/").isInScope)
    }

    @Test("the words of the configuration are the scopes' names")
    func words() {
        #expect(ContainerScope.allCases.map(\.rawValue) == ["containers", "containers+services", "all"])
    }
}
