// SPDX-License-Identifier: Apache-2.0
internal import CLibSeccomp
internal import CShims
import Glibc

/// One filter under construction in libseccomp. Released when the value dies.
@safe struct LibSeccompContext: ~Copyable {
    private let raw: scmp_filter_ctx

    /// A filter with a default action, for the machine's native architecture alone; nil if libseccomp cannot.
    init?(default action: FilterAction) {
        // SAFETY: an owned context, or NULL.
        guard let context = unsafe seccomp_init(action.returnValue) else { return nil }
        unsafe raw = context
    }

    deinit { unsafe seccomp_release(raw) }

    /// Adds an architecture; one that is there already is no error. 0 or an errno.
    func add(_ architecture: FilterArchitecture) -> CInt {
        // SAFETY: `raw` lives as long as self.
        let result = -(unsafe seccomp_arch_add(raw, architecture.token))
        return result == EEXIST ? 0 : result
    }

    /// Takes an architecture out. 0 or an errno.
    func remove(_ architecture: FilterArchitecture) -> CInt {
        // SAFETY: as above.
        -(unsafe seccomp_arch_remove(raw, architecture.token))
    }

    /// Makes libseccomp emit a binary tree (SCMP_FLTATR_CTL_OPTIMIZE 2, since 2.5.0) where it otherwise has a chain.
    func useBinaryTree() -> CInt {
        // SAFETY: as above.
        -(unsafe seccomp_attr_set(raw, SCMP_FLTATR_CTL_OPTIMIZE, 2))
    }

    /// One rule of a call, by the machine's own number or libseccomp's pseudo number. 0 or an errno.
    func add(_ action: FilterAction, number: CInt, conditions: [OCISeccompProfile.Argument]) -> CInt {
        let comparisons = conditions.map {
            scmp_arg_cmp(
                arg: CUnsignedInt($0.index), op: $0.op.comparison, datum_a: $0.value, datum_b: $0.valueTwo ?? 0)
        }
        // SAFETY: `raw` lives as long as self; libseccomp copies the array, which has the count it is told.
        return unsafe comparisons.withUnsafeBufferPointer { buffer in
            -(unsafe seccomp_rule_add_array(
                raw, action.returnValue, number, CUnsignedInt(buffer.count), buffer.baseAddress))
        }
    }

    /// The program, or the errno of what failed.
    func export() -> Result<[CBPFInstruction], ExportFailure> {
        // SAFETY: `raw` lives as long as self; libseccomp only writes to the descriptor.
        switch written({ unsafe seccomp_export_bpf(raw, $0) }) {
        case .failure(let failure): return .failure(failure)
        case .success(let bytes):
            let stride = MemoryLayout<CBPFInstruction>.stride
            guard !bytes.isEmpty, bytes.count % stride == 0 else { return .failure(ExportFailure(errno: EIO)) }
            var program = [CBPFInstruction](repeating: CBPFInstruction(), count: bytes.count / stride)
            // SAFETY: the buffer has as many bytes as are copied, and every bit pattern is an instruction.
            unsafe program.withUnsafeMutableBytes { unsafe $0.copyBytes(from: bytes) }
            return .success(program)
        }
    }

    /// The filter as text that people can follow, libseccomp's pseudo filter code; or the errno of what failed.
    func exportText() -> Result<[UInt8], ExportFailure> {
        // SAFETY: as above.
        written { unsafe seccomp_export_pfc(raw, $0) }
    }

    /// What `export` writes to the descriptor that it is given. It returns 0 or -errno.
    private func written(_ export: (CInt) -> CInt) -> Result<[UInt8], ExportFailure> {
        let file = rf_seccomp_memfd()
        guard file >= 0 else { return .failure(ExportFailure(errno: errno)) }
        defer { close(file) }
        let result = export(file)
        guard result == 0 else { return .failure(ExportFailure(errno: -result)) }
        let size = Int(lseek(file, 0, SEEK_END))
        guard size >= 0 else { return .failure(ExportFailure(errno: errno)) }
        var bytes = [UInt8](repeating: 0, count: size)
        // SAFETY: the buffer has `size` bytes.
        let count = unsafe bytes.withUnsafeMutableBytes { unsafe pread(file, $0.baseAddress, size, 0) }
        return count == size ? .success(bytes) : .failure(ExportFailure(errno: EIO))
    }

    /// The errno of a failed export.
    struct ExportFailure: Error { let errno: CInt }
}

extension OCISeccompProfile.Operator {
    fileprivate var comparison: scmp_compare {
        switch self {
        case .notEqual: SCMP_CMP_NE
        case .less: SCMP_CMP_LT
        case .lessOrEqual: SCMP_CMP_LE
        case .equal: SCMP_CMP_EQ
        case .greaterOrEqual: SCMP_CMP_GE
        case .greater: SCMP_CMP_GT
        case .maskedEqual: SCMP_CMP_MASKED_EQ
        }
    }
}
