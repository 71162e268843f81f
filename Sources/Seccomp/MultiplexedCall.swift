// SPDX-License-Identifier: Apache-2.0

/// i386 calls that also go through one number with the real call's number as first argument and its arguments behind a
/// pointer: socketcall(2) and ipc(2). libseccomp opens the gate for each such call that a profile names.
enum MultiplexedCall {
    /// A way in: the gate's name and the value of its first argument.
    struct Place: Equatable {
        let gate: String
        let subcall: UInt64
    }

    /// Calls by name, `SYS_*` of linux/net.h and the numbers of linux/ipc.h.
    static let all: [String: Place] = {
        var places: [String: Place] = [:]
        let socket = [
            "socket", "bind", "connect", "listen", "accept", "getsockname", "getpeername", "socketpair", "send", "recv",
            "sendto", "recvfrom", "shutdown", "setsockopt", "getsockopt", "sendmsg", "recvmsg", "accept4", "recvmmsg",
            "sendmmsg",
        ]
        for (index, name) in socket.enumerated() {
            places[name] = Place(gate: "socketcall", subcall: UInt64(index + 1))
        }
        let ipc: [(String, UInt64)] = [
            ("semop", 1), ("semget", 2), ("semctl", 3), ("semtimedop", 4), ("msgsnd", 11), ("msgrcv", 12),
            ("msgget", 13), ("msgctl", 14), ("shmat", 21), ("shmdt", 22), ("shmget", 23), ("shmctl", 24),
        ]
        for (name, number) in ipc { places[name] = Place(gate: "ipc", subcall: number) }
        return places
    }()

    /// The gates themselves.
    static let gates: Set<String> = ["socketcall", "ipc"]
}
