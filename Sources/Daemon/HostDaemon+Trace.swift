// SPDX-License-Identifier: Apache-2.0
import Containers
import Control
import Platform

extension HostDaemon {
    /// `trace`: every call of one container, live, until the client goes or the container ends.
    func startTrace(_ request: ControlRequest, _ peer: PeerCredentials) -> ControlAnswer {
        guard let wanted = request.arguments["container"]?.text, !wanted.isEmpty else {
            return .failure(ControlFailure("trace needs a container", remedy: "give its name or id", exitCode: 64))
        }
        let container: TrackedContainer
        do throws(ControlFailure) { container = try self.container(wanted) } catch { return .failure(error) }
        journal.record("trace", subject: container.description.id, actor: peer.user)
        trace.begin(container)
        return .subscription(topic: TraceStream.topic(container), backlog: [])
    }
}
