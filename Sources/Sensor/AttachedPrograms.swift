// SPDX-License-Identifier: Apache-2.0
import CEvents
import CLibBPF
import Glibc

/// The links of one sensor, in the order they were made; all are detached when this dies. Owned by one `Sensor`.
@safe final class AttachedPrograms {
    private var links: [OpaquePointer] = unsafe []

    /// Attaches one loaded program for as long as this lives.
    func attach(_ program: SensorProgram, of object: borrowing BPFObject) throws(BPFError) {
        unsafe links.append(try object.attach(program))
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
        // SAFETY: each link was made by libbpf for this object alone and is destroyed once.
        unsafe links.forEach { _ = unsafe bpf_link__destroy($0) }
    }
}
