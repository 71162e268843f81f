// SPDX-License-Identifier: Apache-2.0
import Events
import Glibc
import Platform

/// The resolvers that a container is configured with: /etc/resolv.conf as its processes see it, resolv.conf(5). The
/// container may write it: it tells whose answers are meant, and proves nothing.
enum ResolverFile {
    /// The most bytes that are read, and resolvers that are kept: the C libraries use three.
    private static let byteLimit = 1 << 16
    static let limit = 8

    /// Those of a process; nil if the process is gone or the file cannot be read. Where there is no file it is the machine
    /// itself.
    static func resolvers(ofProcess pid: UInt32, procfs: String = "/proc") -> Set<NetworkAddress>? {
        do throws(SystemError) {
            let bytes = try FileBytes.prefix(
                of: "/etc/resolv.conf", inRoot: "\(procfs)/\(pid)/root", limit: byteLimit)
            return parse(String(decoding: bytes, as: UTF8.self))
        } catch {
            // The root itself may be what is not there.
            let isThere = unsafe access("\(procfs)/\(pid)/root/.", F_OK) == 0
            return error.errno == ENOENT && isThere ? parse("") : nil
        }
    }

    /// `nameserver ADDRESS`, an IPv6 address with or without `%interface`, a line each; others are of no interest.
    static func parse(_ text: String) -> Set<NetworkAddress> {
        var found: Set<NetworkAddress> = []
        for line in text.split(whereSeparator: \.isNewline) where found.count < limit {
            let words = line.split(whereSeparator: \.isWhitespace)
            guard words.count >= 2, words[0] == "nameserver",
                let address = NetworkAddress(String(words[1].prefix { $0 != "%" }))
            else { continue }
            // The kernel sends what is for 0.0.0.0 or :: to itself.
            found.insert(address.isAny ? NetworkAddress(ipv4: 0x7f00_0001) : address)
        }
        return found.isEmpty ? Set(["127.0.0.1", "::1"].compactMap { NetworkAddress($0) }) : found
    }
}
