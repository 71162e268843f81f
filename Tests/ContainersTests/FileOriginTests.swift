// SPDX-License-Identifier: Apache-2.0
import Glibc
import TestSupport
import Testing

@testable import Containers

@Suite("Origin of files")
struct FileOriginTests {
    private static func mounts(upper: String, _ more: String = "") -> [MountEntry] {
        MountEntry.all(
            in: """
                1500 1400 0:70 / / rw,relatime master:1 - overlay overlay rw,lowerdir=/l/1:/l/2,upperdir=\(upper),workdir=/w
                1501 1500 0:71 / /proc rw - proc proc rw
                1502 1500 0:72 / /dev/shm rw,nosuid - tmpfs shm rw,size=65536k
                1503 1500 8:1 /srv/app /srv/my\\040app rw - ext4 /dev/root rw
                nonsense
                \(more)
                """)
    }

    @Test("what is in the writable layer is told from the image, with when it was changed")
    func layers() throws {
        let workspace = try Workspace()
        try workspace.write("", to: "upper/opt/new")
        let mounts = Self.mounts(upper: workspace.file("upper"))
        #expect(FileOrigin(of: "/usr/bin/env", mounts: mounts) == .image)
        guard case .writableLayer(let changed)? = FileOrigin(of: "/opt/new", mounts: mounts) else {
            Issue.record("not in the writable layer")
            return
        }
        #expect(changed > 1_700_000_000)
    }

    @Test("what is mounted over the root is not of the image; the deepest and the last mount counts")
    func mounted() throws {
        let workspace = try Workspace()
        let upper = workspace.path
        let mounts = Self.mounts(upper: upper, "1504 1500 0:73 / /dev/shm/deep rw - overlay overlay rw")
        #expect(FileOrigin(of: "/dev/shm/x", mounts: mounts) == .memory(at: "/dev/shm"))
        #expect(FileOrigin(of: "/dev/shm/deep/x", mounts: mounts) == .mount(at: "/dev/shm/deep"))
        #expect(FileOrigin(of: "/dev/shmx", mounts: mounts) == .image)
        #expect(FileOrigin(of: "/srv/my app/run", mounts: mounts) == .mount(at: "/srv/my app"))
        let over = Self.mounts(upper: upper, "1505 1500 8:1 /x /dev/shm rw - ext4 /dev/root rw")
        #expect(FileOrigin(of: "/dev/shm/x", mounts: over) == .mount(at: "/dev/shm"))
    }

    @Test("where the root is no overlay, or its layer is not named, nobody can tell")
    func unknown() {
        #expect(FileOrigin(of: "/x", mounts: []) == nil)
        #expect(FileOrigin(of: "/x", mounts: MountEntry.all(in: "1 0 8:1 / / rw - ext4 /dev/root rw")) == nil)
        #expect(
            FileOrigin(of: "/x", mounts: MountEntry.all(in: "1 0 0:9 / / rw - overlay overlay rw,lowerdir=/a")) == nil)
        #expect(ContainerFiles(seenBy: 0) == nil)
    }

    @Test("a layer that cannot be looked at says nothing, and no link that the container made in it is followed")
    func unreadable() throws {
        let workspace = try Workspace()
        let upper = workspace.file("upper")
        #expect(FileOrigin(of: "/bin/x", mounts: Self.mounts(upper: upper)) == nil, "there is no such layer")
        try workspace.write("", to: "upper/plain")
        try workspace.write("", to: "elsewhere/x")
        for (link, target) in [
            ("out", workspace.file("elsewhere")), ("up", "../elsewhere"), ("gone", "/nowhere"), ("loop", "loop"),
        ] { try #require(unsafe symlink(target, "\(upper)/\(link)") == 0) }
        let mounts = Self.mounts(upper: upper)
        for path in ["/out/x", "/up/x", "/gone", "/gone/x", "/loop", "/plain/x"] {
            #expect(FileOrigin(of: path, mounts: mounts) == nil, "\(path)")
        }
        #expect(FileOrigin(of: "/bin/x", mounts: mounts) == .image)
    }

    @Test("a file that is gone, or is reached through a link by now, is not said to be of the image")
    func files() throws {
        let workspace = try Workspace()
        for path in ["root/bin/x", "root/opt/new", "upper/opt/new"] { try workspace.write("", to: path) }
        try #require(unsafe symlink("bin", "\(workspace.file("root"))/link") == 0)
        let files = ContainerFiles(
            mounts: Self.mounts(upper: workspace.file("upper")), root: workspace.file("root"))
        #expect(files.origin(of: "/bin/x") == .image && files.origin(of: "/opt/new")?.name == "layer")
        for path in ["/bin/gone", "/link/x", "/../root/bin/gone", "bin/x", "/bin/x\\n"] {
            #expect(files.origin(of: path) == nil, "\(path)")
        }
    }
}
