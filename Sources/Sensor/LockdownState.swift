// SPDX-License-Identifier: Apache-2.0
import Glibc

/// The kernel's lockdown mode (kernel_lockdown(7)).
enum LockdownState {
    /// `none`, `integrity` or `confidentiality`; nil where the kernel does not say.
    static var current: String? {
        let descriptor = unsafe open("/sys/kernel/security/lockdown", O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        defer { _ = close(descriptor) }
        var text = [UInt8](repeating: 0, count: 128)
        let count = unsafe read(descriptor, &text, text.count)
        guard count > 0 else { return nil }
        // The mode in force stands in brackets: none [integrity] confidentiality.
        return String(decoding: text[..<count], as: UTF8.self).split(separator: "[").last?
            .split(separator: "]").first.map(String.init)
    }
}
