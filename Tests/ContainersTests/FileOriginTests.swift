// SPDX-License-Identifier: Apache-2.0
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
    func mounted() {
        let mounts = Self.mounts(upper: "/nowhere", "1504 1500 0:73 / /dev/shm/deep rw - overlay overlay rw")
        #expect(FileOrigin(of: "/dev/shm/x", mounts: mounts) == .memory(at: "/dev/shm"))
        #expect(FileOrigin(of: "/dev/shm/deep/x", mounts: mounts) == .mount(at: "/dev/shm/deep"))
        #expect(FileOrigin(of: "/dev/shmx", mounts: mounts) == .image)
        #expect(FileOrigin(of: "/srv/my app/run", mounts: mounts) == .mount(at: "/srv/my app"))
        let over = Self.mounts(upper: "/nowhere", "1505 1500 8:1 /x /dev/shm rw - ext4 /dev/root rw")
        #expect(FileOrigin(of: "/dev/shm/x", mounts: over) == .mount(at: "/dev/shm"))
    }

    @Test("where the root is no overlay, or its layer is not named, nobody can tell")
    func unknown() {
        #expect(FileOrigin(of: "/x", mounts: []) == nil)
        #expect(FileOrigin(of: "/x", mounts: MountEntry.all(in: "1 0 8:1 / / rw - ext4 /dev/root rw")) == nil)
        #expect(
            FileOrigin(of: "/x", mounts: MountEntry.all(in: "1 0 0:9 / / rw - overlay overlay rw,lowerdir=/a")) == nil)
        #expect(FileOrigin(of: "/x", seenBy: 0) == nil)
    }
}
