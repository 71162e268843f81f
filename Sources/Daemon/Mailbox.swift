// SPDX-License-Identifier: Apache-2.0
import Synchronization

/// A bounded queue between two threads that are not in the hot path. What finds no room is counted.
final class Mailbox<Message: Sendable>: Sendable {
    private struct Content {
        var messages: [Message] = []
        var dropped: UInt64 = 0
    }

    private let content = Mutex(Content())
    private let limit: Int

    init(limit: Int) { self.limit = limit }

    /// Puts a message in; false if there was no room.
    @discardableResult
    func send(_ message: Message) -> Bool {
        content.withLock { content in
            guard content.messages.count < limit else {
                content.dropped += 1
                return false
            }
            content.messages.append(message)
            return true
        }
    }

    /// Takes everything out, oldest first.
    func takeAll() -> [Message] {
        content.withLock { content in
            let taken = content.messages
            content.messages = []
            return taken
        }
    }

    /// Messages that wait.
    var count: Int { content.withLock { $0.messages.count } }

    /// Messages that found no room.
    var dropped: UInt64 { content.withLock { $0.dropped } }
}
