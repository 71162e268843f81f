// SPDX-License-Identifier: Apache-2.0
import Events
import TestSupport
import Testing

/// A real program in a container, with work that prints the same every time. Busybox's `wait` sleeps in rt_sigsuspend(2)
/// only if the child has not ended yet: those that wait do so at least once for one that certainly has not.
struct Workload: CustomTestStringConvertible {
    let image: String
    let words: [String]
    /// What the work prints.
    let output: String
    /// Calls that show the work was seen, in this ABI.
    let expected: Set<String>
    var abi = CallABI.native

    var testDescription: String { image }

    static let all = [
        Workload(
            image: "busybox",
            words: ["sh", "-c", "cut -d: -f1 /etc/passwd | sort | head -n 2; (sleep 0.05 & wait); echo $((6 * 7))"],
            output: "nobody\nredis\n42\n", expected: ["clone", "pipe2", "dup2", "wait4", "clock_nanosleep"]),
        Workload(
            image: "nginx",
            words: [
                "sh", "-c",
                """
                nginx & until wget -qO- http://127.0.0.1:8080/ 2>/dev/null; do sleep 0.05; done
                kill -QUIT $!; wait; echo done
                """,
            ], output: "ringfence\ndone\n", expected: ["bind", "listen", "accept4", "setuid", "epoll_wait", "sendfile"]),
        Workload(
            image: "redis",
            words: [
                "sh", "-c",
                """
                sleep 0.05 & wait
                redis-server --save '' --bind 127.0.0.1 --port 6379 >/dev/null &
                until redis-cli ping 2>/dev/null | grep -q PONG; do sleep 0.05; done
                redis-cli incr a; redis-cli lpush l 1 2 3; redis-cli shutdown nosave; wait; echo done
                """,
            ], output: "1\n3\ndone\n", expected: ["listen", "epoll_ctl", "futex", "accept4"]),
        Workload(
            image: "python", words: ["python3", "/srv/threads.py"], output: "eight threads done\n",
            expected: ["futex", "socketpair", "getrandom", "recvfrom"]),
        Workload(
            image: "rust", words: ["sh", "-c", "rg --threads 4 --count line /srv/text | sort | head -n 2"],
            output: "/srv/text/1/lines:2000\n/srv/text/2/lines:2000\n", expected: ["getdents64", "futex", "statx"]),
        Workload(
            image: "i386", words: ["sh", "-c", "cut -d: -f1 /etc/passwd | sort | head -n 2"],
            output: "nobody\nredis\n", expected: ["clone", "dup2", "set_thread_area"], abi: .compat),
    ]
}

/// One workload under one engine.
struct Deployment: CustomTestStringConvertible {
    let workload: Workload
    let engine: Engine

    var testDescription: String { "\(workload.image) under \(engine.rawValue)" }

    static let all = Workload.all.flatMap { workload in
        Engine.allCases.map { Deployment(workload: workload, engine: $0) }
    }
}
