// SPDX-License-Identifier: Apache-2.0

/// A TCP port on this machine's loopback interface, the only kind of address that is ever listened on.
package struct LoopbackAddress: Sendable, Equatable, CustomStringConvertible {
    /// ::1 instead of 127.0.0.1.
    package let isIPv6: Bool
    /// 0 takes a free one.
    package let port: UInt16

    /// An address.
    package init(isIPv6: Bool = false, port: UInt16) {
        self.isIPv6 = isIPv6
        self.port = port
    }

    /// Reads `127.0.0.1:PORT`, `[::1]:PORT` or `localhost:PORT` (which is 127.0.0.1); nil for anything else.
    package init?(_ text: String) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            return nil
        }
        switch text[..<colon] {
        case "127.0.0.1", "localhost": self.init(port: port)
        case "[::1]": self.init(isIPv6: true, port: port)
        default: return nil
        }
    }

    package var description: String { (isIPv6 ? "[::1]:" : "127.0.0.1:") + String(port) }
}
