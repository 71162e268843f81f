// SPDX-License-Identifier: Apache-2.0
import Alerts

/// The alerts that earlier daemons have left on disk: read when they are first asked for, and once. For the start.
final class EarlierAlerts {
    private let path: String

    /// The latest revision of each; empty if the file cannot be read, which only has things told again.
    private(set) lazy var all: [Alert] = (try? AlertLog(path: path).read())?.alerts ?? []

    init(path: String) { self.path = path }

    /// Those with something new at or after a time.
    func since(_ time: WallTime) -> [Alert] {
        var filter = AlertFilter()
        filter.since = time
        return all.filter(filter.matches)
    }

    /// The programs that they tell of, each with its container's id.
    var executables: Set<[String]> {
        Set(
            all.flatMap { alert in
                alert.items.filter { $0.item.kind == .executable || $0.item.kind == .filelessExecutable }
                    .map { [alert.container.id, $0.item.name] }
            })
    }
}
