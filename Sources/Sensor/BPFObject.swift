// SPDX-License-Identifier: Apache-2.0
import CEvents
import CLibBPF
import CSensorObjects
import Glibc

/// A BPF object, opened, configured and, after `load`, in the kernel. Closing it frees programs and maps.
@safe struct BPFObject: ~Copyable {
    private let raw: OpaquePointer

    /// Opens an object, the embedded one if none is given; nothing is in the kernel yet.
    init(_ bytes: [UInt8]? = nil) throws(BPFError) {
        // libbpf would write to our standard error.
        unsafe libbpf_set_print(nil)
        // SAFETY: the object's bytes are static; libbpf returns an object that we own, or NULL with errno set.
        // Others are the caller's: libbpf has copied what it needs by the time it returns.
        let opened =
            unsafe bytes.map { unsafe bpf_object__open_mem($0, $0.count, nil) }
            ?? bpf_object__open_mem(rf_object_bytes(), rf_object_size(), nil)
        guard let object = unsafe opened else {
            throw BPFError(
                step: .open, subject: bytes == nil ? "the embedded BPF object" : "the BPF object", errno: errno)
        }
        unsafe raw = object
    }

    /// Loads only the given programs.
    func select(_ programs: Set<SensorProgram>) {
        for program in SensorProgram.allCases {
            guard let handle = handle(of: program) else { continue }
            _ = unsafe bpf_program__set_autoload(handle, programs.contains(program))
        }
        if programs.contains(.connectUnix), let handle = handle(of: .connectUnix) {
            // The object's section names another hook, which libbpf 1.1 knows. BPF_CGROUP_UNIX_CONNECT, Linux 6.7.
            let hook = unsafe unsafeBitCast(UInt32(RF_CGROUP_UNIX_CONNECT), to: bpf_attach_type.self)
            _ = unsafe bpf_program__set_expected_attach_type(handle, hook)
        }
        // Kernels that need the fallback have no task storage, and libbpf makes every map that it is not told to leave.
        guard programs == [.fallback], let tasks = unsafe bpf_object__find_map_by_name(raw, "rf_tasks") else { return }
        _ = unsafe bpf_map__set_autocreate(tasks, false)
    }

    /// Sets a map's size, before loading.
    func resize(_ map: String, to entries: UInt32) throws(BPFError) {
        let result = unsafe self.map(map).map { unsafe bpf_map__set_max_entries($0, entries) }
        guard result == 0 else { throw BPFError(step: .configure, subject: map, errno: result ?? ENOENT) }
    }

    /// Makes the object use a map that exists, before loading. `descriptor` stays the caller's.
    func reuse(_ descriptor: CInt, as map: String) throws(BPFError) {
        let result = unsafe self.map(map).map { unsafe bpf_map__reuse_fd($0, descriptor) }
        guard result == 0 else { throw BPFError(step: .configure, subject: map, errno: result ?? ENOENT) }
    }

    /// Writes the programs' constants, before loading.
    func set(_ knobs: rf_knobs) throws(BPFError) {
        var knobs = knobs
        guard let map = unsafe bpf_object__find_map_by_name(raw, ".rodata") else {
            throw BPFError(step: .configure, subject: ".rodata", errno: ENOENT)
        }
        let result = unsafe bpf_map__set_initial_value(map, &knobs, MemoryLayout<rf_knobs>.size)
        guard result == 0 else { throw BPFError(step: .configure, subject: ".rodata", errno: result) }
    }

    /// Puts maps and selected programs into the kernel.
    func load() throws(BPFError) {
        let result = unsafe bpf_object__load(raw)
        guard result == 0 else { throw BPFError(step: .load, subject: "the BPF programs", errno: result) }
    }

    /// Attaches one loaded program; the caller destroys the link.
    func attach(_ program: SensorProgram) throws(BPFError) -> OpaquePointer {
        guard let handle = handle(of: program) else {
            throw BPFError(step: .attach, subject: program.rawValue, errno: ENOENT)
        }
        // SAFETY: the program belongs to this object; libbpf returns a link that the caller owns, or NULL and errno.
        guard let link = unsafe bpf_program__attach(handle) else {
            throw BPFError(step: .attach, subject: program.rawValue, errno: errno)
        }
        return unsafe link
    }

    /// Attaches one loaded program to a cgroup and all below it, by the directory's descriptor; the caller destroys the link.
    func attach(_ program: SensorProgram, toCgroup descriptor: CInt) throws(BPFError) -> OpaquePointer {
        guard let handle = handle(of: program) else {
            throw BPFError(step: .attach, subject: program.rawValue, errno: ENOENT)
        }
        // SAFETY: as above. A link shares the hook with what others attach.
        guard let link = unsafe bpf_program__attach_cgroup(handle, descriptor) else {
            throw BPFError(step: .attach, subject: program.rawValue, errno: errno)
        }
        return unsafe link
    }

    /// A map's descriptor, owned by this object.
    func descriptor(of map: String) throws(BPFError) -> CInt {
        let descriptor = unsafe self.map(map).map { unsafe bpf_map__fd($0) } ?? -ENOENT
        guard descriptor >= 0 else { throw BPFError(step: .map, subject: map, errno: descriptor) }
        return descriptor
    }

    /// A map by its name; the switch between generations is a variable, and its map has its section's name, which no pin
    /// can have.
    @safe private func map(_ name: String) -> OpaquePointer? {
        unsafe bpf_object__find_map_by_name(raw, name == "rf_generation" ? ".data.generation" : name)
    }

    @safe private func handle(of program: SensorProgram) -> OpaquePointer? {
        unsafe bpf_object__find_program_by_name(raw, program.rawValue)
    }

    deinit { unsafe bpf_object__close(raw) }
}
