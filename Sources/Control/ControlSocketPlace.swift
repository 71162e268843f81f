// SPDX-License-Identifier: Apache-2.0
import Glibc
import Platform

/// Where the control socket goes: its directory, its group, and what an earlier daemon left there.
struct ControlSocketPlace {
    let path: String
    /// May connect.
    let group: UInt32
    /// This process's effective user, who owns the socket.
    let owner: UInt32
    let notes: [String]

    /// Makes the directory if it is not there, and gives it mode 0750 and the group.
    init(path: String, group name: String?) throws(ControlError) {
        self.path = path
        owner = geteuid()
        var notes: [String] = []
        let identity = name.flatMap { GroupIdentity($0) }
        group = identity?.number ?? getegid()
        if let name, identity == nil {
            notes.append("there is no group \(name): only root may connect; make it with groupadd --system \(name)")
        }
        self.notes = notes
        guard let slash = path.lastIndex(of: "/"), slash != path.startIndex else {
            throw ControlError(
                .listen, path, reason: "it is in no directory of its own", remedy: "name one, as /run/ringfence",
                exitCode: 78)
        }
        try Self.prepare(String(path[..<slash]), owner: owner, group: group)
    }

    private static func prepare(_ directory: String, owner: UInt32, group: UInt32) throws(ControlError) {
        do throws(SystemError) {
            if unsafe mkdir(directory, 0o750) != 0, errno != EEXIST {
                throw SystemError("make the directory of", directory, errno: errno)
            }
            let opened = try Descriptor(opening: directory, O_RDONLY | O_DIRECTORY | O_NOFOLLOW)
            let status = try opened.status(of: directory)
            guard status.st_uid == owner, status.st_mode & 0o022 == 0 else {
                throw SystemError(
                    "trust the directory (it must be ours, and only ours to write) of", directory, errno: EPERM)
            }
            if status.st_gid != group, fchown(opened.number, uid_t.max, group) != 0 {
                throw SystemError("give to group \(group) the directory of", directory, errno: errno)
            }
            guard fchmod(opened.number, 0o750) == 0 else {
                throw SystemError("set the mode of the directory of", directory, errno: errno)
            }
        } catch { throw ControlError(listening: error) }
    }

    /// The lock that tells a living daemon from a dead one's leavings.
    func lock() throws(ControlError) -> LockFile {
        do throws(LockFile.Failure) {
            return try LockFile(path + ".lock")
        } catch {
            switch error {
            case .system(let reason): throw ControlError(listening: reason)
            case .held(let noted):
                // The socket knows better than the file, which may have been written a moment too late.
                let pid = Self.listener(at: path) ?? noted
                throw ControlError(
                    .listen, path, reason: "another ringfenced runs" + (pid.map { ", pid \($0)" } ?? ""),
                    remedy: "stop it with systemctl stop ringfenced, or give this one directories of its own",
                    exitCode: 75)
            }
        }
    }

    private static func listener(at path: String) -> Int32? {
        do throws(SystemError) {
            let socket = try StreamSocket(connecting: path)
            let pid = try socket.peer().pid
            return pid > 0 ? pid : nil
        } catch { return nil }
    }

    /// Removes the socket of a daemon that is dead, for the lock is ours. Anything else at the path is an error.
    func removeStaleSocket() throws(SystemError) { try Self.removeSocket(path) }

    /// Removes a socket, which the caller knows to be nobody's. Anything else at the path is an error.
    static func removeSocket(_ path: String) throws(SystemError) {
        var status = stat()
        guard unsafe lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else { throw SystemError("replace", path, errno: EEXIST) }
        guard unsafe unlink(path) == 0 else { throw SystemError("replace", path, errno: errno) }
    }
}
