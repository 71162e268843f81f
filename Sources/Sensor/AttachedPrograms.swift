// SPDX-License-Identifier: Apache-2.0
import CEvents
import CLibBPF
import Glibc
import Platform

/// The links of one sensor, in the order they were made. Those that are not pinned are detached when this dies. Owned by
/// one `Sensor`.
@safe final class AttachedPrograms {
    var links: [(program: SensorProgram, link: OpaquePointer)] = unsafe []

    /// Programs that are attached.
    var programs: Set<SensorProgram> { unsafe Set(links.map { unsafe $0.program }) }

    /// Attaches one loaded program for as long as this lives.
    func attach(_ program: SensorProgram, of object: borrowing BPFObject) throws(BPFError) {
        unsafe links.append((program, try object.attach(program)))
    }

    /// Attaches one loaded program to a cgroup, given by its directory, and all below it.
    func attach(_ program: SensorProgram, of object: borrowing BPFObject, toCgroup path: String) throws(BPFError) {
        let directory = unsafe open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard directory >= 0 else { throw BPFError(step: .attach, subject: path, errno: errno) }
        defer { _ = close(directory) }
        unsafe links.append((program, try object.attach(program, toCgroup: directory)))
    }

    /// Takes over the programs that are pinned in a directory.
    func adopt(pinnedIn directory: String) throws(BPFError) {
        let names: [String]
        do { names = try FileTree.entries(of: directory) } catch {
            throw BPFError(step: .open, subject: directory, errno: error.errno)
        }
        for name in names {
            guard let program = SensorProgram(rawValue: name) else { continue }
            // SAFETY: libbpf returns a link that we own, or NULL and errno.
            guard let link = unsafe bpf_link__open("\(directory)/\(name)") else {
                throw BPFError(step: .open, subject: "\(directory)/\(name)", errno: errno)
            }
            unsafe links.append((program, link))
        }
    }

    /// Pins every link: the programs then stay attached when this dies.
    func pin(in directory: String) throws(BPFError) {
        for index in unsafe links.indices {
            let entry = unsafe links[index]
            let path = unsafe "\(directory)/\(entry.program.rawValue)"
            // Not bpf_link__pin, which pins a link only once: somebody may have removed the pin.
            guard unsafe bpf_obj_pin(bpf_link__fd(entry.link), path) == 0 else {
                throw BPFError(step: .pin, subject: path, errno: errno)
            }
        }
    }

    /// Attaches an iterator and runs it to its end once.
    func run(_ program: SensorProgram, of object: borrowing BPFObject) throws(BPFError) {
        let link = unsafe try object.attach(program)
        defer { _ = unsafe bpf_link__destroy(link) }
        let iterator = unsafe bpf_iter_create(bpf_link__fd(link))
        guard iterator >= 0 else { throw BPFError(step: .attach, subject: program.rawValue, errno: iterator) }
        defer { _ = close(iterator) }
        var byte: UInt8 = 0
        var got: Int
        repeat {
            got = unsafe read(iterator, &byte, 1)
        } while got > 0 || (got < 0 && (errno == EINTR || errno == EAGAIN))
        guard got == 0 else { throw BPFError(step: .read, subject: program.rawValue, errno: errno) }
    }

    deinit {
        // SAFETY: each link was made by libbpf for this object alone and is destroyed once. A pin outlives it.
        unsafe links.forEach { _ = unsafe bpf_link__destroy($0.link) }
    }
}
