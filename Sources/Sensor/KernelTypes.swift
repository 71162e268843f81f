// SPDX-License-Identifier: Apache-2.0
import CLibBPF
import Glibc

/// What the running kernel's type information (BTF) says. Needs /sys/kernel/btf/vmlinux (CONFIG_DEBUG_INFO_BTF).
@safe struct KernelTypes: ~Copyable {
    private let raw: OpaquePointer

    init() throws(BPFError) {
        // libbpf would write to our standard error.
        unsafe libbpf_set_print(nil)
        // SAFETY: libbpf returns an object that we own, or NULL with errno set.
        guard let btf = unsafe btf__load_vmlinux_btf() else {
            let reason = errno
            // Where no file has type information libbpf says ESRCH, which reads as "No such process".
            throw BPFError(
                step: .read, subject: "the kernel's type information (/sys/kernel/btf/vmlinux)",
                errno: reason == ESRCH ? ENOENT : reason,
                remedy: "Ringfence needs a kernel built with CONFIG_DEBUG_INFO_BTF, and sysfs mounted")
        }
        unsafe raw = btf
    }

    /// Whether the kernel has the tracepoint, for programs with typed arguments.
    func hasTracepoint(_ name: String) -> Bool {
        unsafe btf__find_by_name_kind(raw, "btf_trace_" + name, UInt32(BTF_KIND_TYPEDEF)) > 0
    }

    /// Whether the kernel has a function that programs may call.
    func hasFunction(_ name: String) -> Bool {
        // BTF_KIND_FUNC, which the system's header has twice.
        unsafe btf__find_by_name_kind(raw, name, 12) > 0
    }

    /// Whether the first argument of a tracepoint points to a struct of that name.
    func tracepoint(_ name: String, takes structure: String) -> Bool {
        let id = unsafe btf__find_by_name_kind(raw, "btf_trace_" + name, UInt32(BTF_KIND_TYPEDEF))
        guard id > 0, let definition = unsafe btf__type_by_id(raw, UInt32(id)),
            let pointer = unsafe btf__type_by_id(raw, definition.pointee.type),
            let prototype = unsafe btf__type_by_id(raw, pointer.pointee.type),
            unsafe prototype.pointee.info & 0xffff > 1
        else { return false }
        // SAFETY: a prototype is followed by its parameters (include/uapi/linux/btf.h); the first is the hook's own.
        let parameters = unsafe UnsafeRawPointer(prototype + 1).assumingMemoryBound(to: btf_param.self)
        guard let argument = unsafe btf__type_by_id(raw, parameters[1].type),
            let target = unsafe btf__type_by_id(raw, argument.pointee.type),
            let name = unsafe btf__name_by_offset(raw, target.pointee.name_off)
        else { return false }
        return unsafe String(cString: name) == structure
    }

    /// The index of a controller in `css_set.subsys` (enum cgroup_subsys_id), or nil if the kernel lacks it.
    func controllerIndex(_ controller: String) -> Int64? {
        let id = unsafe btf__find_by_name_kind(raw, "cgroup_subsys_id", UInt32(BTF_KIND_ENUM))
        guard id > 0, let type = unsafe btf__type_by_id(raw, UInt32(id)) else { return nil }
        let count = unsafe Int(type.pointee.info & 0xffff)
        // SAFETY: a BTF enum is followed by `vlen` entries of struct btf_enum (include/uapi/linux/btf.h).
        let entries = unsafe UnsafeRawPointer(type + 1).assumingMemoryBound(to: btf_enum.self)
        for index in 0..<count {
            guard let name = unsafe btf__name_by_offset(raw, entries[index].name_off) else { continue }
            if unsafe String(cString: name) == controller + "_cgrp_id" { return unsafe Int64(entries[index].val) }
        }
        return nil
    }

    deinit { unsafe btf__free(raw) }
}
