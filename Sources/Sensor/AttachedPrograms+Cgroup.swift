// SPDX-License-Identifier: Apache-2.0
import CLibBPF
import Glibc

/// Links to cgroups can be cut by whoever gets hold of them (BPF_LINK_DETACH, Linux 5.9): they then exist and see nothing.
extension AttachedPrograms {
    /// Programs that are linked to a cgroup no longer.
    var cut: [SensorProgram] {
        unsafe links.compactMap { program, link in
            guard program.hooksCgroup, let information = unsafe Self.information(of: link) else { return nil }
            return information.cgroup.cgroup_id == 0 ? program : nil
        }
    }

    /// Links a program to a cgroup again, given by its directory, and pins the new link in the place of the old one.
    func relink(_ program: SensorProgram, toCgroup path: String, pinnedIn directory: String) throws(BPFError) {
        guard let index = unsafe links.firstIndex(where: { unsafe $0.program == program }),
            let information = unsafe Self.information(of: links[index].link)
        else { return }
        let cgroup = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard cgroup >= 0 else { throw BPFError(step: .attach, subject: path, errno: errno) }
        defer { _ = close(cgroup) }
        // The old link holds the program.
        let code = bpf_prog_get_fd_by_id(information.prog_id)
        guard code >= 0 else { throw BPFError(step: .attach, subject: program.rawValue, errno: code) }
        defer { _ = close(code) }
        let type = bpf_attach_type(rawValue: information.cgroup.attach_type)
        let made = bpf_link_create(code, cgroup, type, nil)
        guard made >= 0 else { throw BPFError(step: .attach, subject: program.rawValue, errno: made) }
        defer { _ = close(made) }
        let pin = "\(directory)/\(program.rawValue)"
        _ = unsafe unlink(pin)
        guard unsafe bpf_obj_pin(made, pin) == 0 else { throw BPFError(step: .pin, subject: pin, errno: errno) }
        // SAFETY: libbpf returns a link that we own, or NULL and errno.
        guard let link = unsafe bpf_link__open(pin) else { throw BPFError(step: .open, subject: pin, errno: errno) }
        _ = unsafe bpf_link__destroy(links[index].link)
        unsafe links[index].link = link
    }

    private static func information(of link: OpaquePointer) -> bpf_link_info? {
        var information = bpf_link_info()
        var size = UInt32(MemoryLayout<bpf_link_info>.size)
        // SAFETY: the kernel writes at most `size` bytes into the local.
        return unsafe bpf_obj_get_info_by_fd(bpf_link__fd(link), &information, &size) == 0 ? information : nil
    }
}
