// SPDX-License-Identifier: Apache-2.0
import Glibc
import Platform

extension AlertLog {
    /// Alerts that were written after `position`, in the order of writing, every revision of its own; `position` is moved
    /// behind them. Call it again and again: a line that is still being written is taken up the next time, and when the
    /// file has been rotated the rest of the old one comes before the new one. A store that is not there yet is empty.
    package func follow(_ position: inout FollowPosition, _ filter: AlertFilter = AlertFilter()) throws(AlertsError)
        -> [Alert]
    {
        var alerts: [Alert] = []
        do throws(SystemError) {
            for (path, offset) in filesToFollow(position) {
                var reader = try LineReader(path: path, lineLimit: Alert.lineLimit, from: offset)
                while case .line(let bytes)? = reader.nextWhole() {
                    if let alert = Alert(line: bytes), filter.matches(alert) { alerts.append(alert) }
                }
                position = reader.position
            }
        } catch {
            guard error.errno == ENOENT else {
                throw AlertsError(
                    .read, path, reason: SystemError.message(error.errno), remedy: "check the file", errno: error.errno)
            }
        }
        return alerts
    }

    /// The file of `position` from there on, and all newer ones from their beginning; oldest first.
    private func filesToFollow(_ position: FollowPosition) -> [(path: String, offset: Int)] {
        var files: [(path: String, offset: Int)] = []
        for number in 0...16 {
            let path = number == 0 ? path : "\(path).\(number)"
            guard let status = try? FileTree.status(of: path) else { continue }
            if status.inode == position.inode {
                files.append((path, position.offset))
                return files.reversed()
            }
            files.append((path, 0))
        }
        // The file is gone, or nobody has read yet: what is there now is all that is new.
        return files.first.map { [$0] } ?? []
    }
}

extension LineReader {
    /// The next whole line that is not too long; nil at the end or before one that is not whole yet.
    fileprivate mutating func nextWhole() -> Line? {
        while let line = next() {
            switch line {
            case .line: return line
            case .tooLong: continue
            case .torn: return nil
            }
        }
        return nil
    }
}
