// SPDX-License-Identifier: Apache-2.0
import CShims
import Glibc

/// A thread of our own, for a loop that waits: the cooperative pool has as many threads as the machine has processors.
@safe package struct WorkerThread: ~Copyable {
    private final class Body {
        let name: String
        let run: @Sendable () -> Void

        init(name: String, run: @escaping @Sendable () -> Void) {
            self.name = name
            self.run = run
        }
    }

    private let thread: pthread_t

    /// Starts a thread that runs `body` and ends with it. `name` is at most 15 bytes (pthread_setname_np(3)). Signals that
    /// the caller blocks stay blocked in it.
    package init(named name: String, _ body: @escaping @Sendable () -> Void) throws(SystemError) {
        let context = unsafe Unmanaged.passRetained(Body(name: name, run: body))
        var thread = pthread_t()
        // SAFETY: the thread takes over the one reference that `context` holds.
        let result = unsafe pthread_create(&thread, nil, Self.start, context.toOpaque())
        guard result == 0 else {
            unsafe context.release()
            throw SystemError("start", "the thread \(name)", errno: result)
        }
        self.thread = thread
    }

    private static let start: @convention(c) (UnsafeMutableRawPointer?) -> UnsafeMutableRawPointer? = { context in
        guard let context = unsafe context else { return nil }
        // SAFETY: `context` is the retained body that init passed.
        let body = unsafe Unmanaged<Body>.fromOpaque(context).takeRetainedValue()
        unsafe rf_name_thread(body.name)
        body.run()
        return nil
    }

    /// Waits for the end of the body.
    package consuming func join() { _ = pthread_join(thread, nil) }
}
