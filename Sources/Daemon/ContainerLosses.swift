// SPDX-License-Identifier: Apache-2.0

/// What found no room in the kernel's table of one kind of fact, by container: told when it grows, of each container at
/// most once a minute. For one thread.
struct ContainerLosses {
    /// How long one container's losses are not told again, nanoseconds.
    static let pace: UInt64 = 60_000_000_000

    private var told: [String: (sum: UInt64, time: UInt64)] = [:]

    /// Takes what each container has lost so far, by its cgroup's path, at `now` nanoseconds. Returns what is to be told: of
    /// which containers, and how much came since that was told last.
    mutating func take(_ sums: [String: UInt64], now: UInt64) -> [String: UInt64] {
        // Who is gone, and slots that are given back, take theirs with them.
        told = told.reduce(into: [:]) { kept, entry in
            guard let sum = sums[entry.key] else { return }
            kept[entry.key] = (min(sum, entry.value.sum), entry.value.time)
        }
        var news: [String: UInt64] = [:]
        for (path, sum) in sums {
            let before = told[path]
            guard sum > before?.sum ?? 0, before.map({ now >= $0.time + Self.pace }) ?? true else { continue }
            told[path] = (sum, now)
            news[path] = sum - (before?.sum ?? 0)
        }
        return news
    }
}
