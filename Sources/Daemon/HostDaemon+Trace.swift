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
        let found = watch.inventory.containers.values.filter {
            $0.description.name == wanted || $0.description.id == wanted
                || (wanted.count >= 4 && $0.description.id.hasPrefix(wanted))
        }
        guard let container = found.first else {
            return .failure(
                ControlFailure(
                    "no running container is called \(HostileText.escaped(wanted))",
                    remedy: "see `ringfence containers`",
                    exitCode: 69))
        }
        guard found.count == 1 else {
            return .failure(
                ControlFailure(
                    "\(found.count) containers are called \(HostileText.escaped(wanted))", remedy: "give the whole id",
                    exitCode: 64))
        }
        journal.record("trace", subject: container.description.id, actor: peer.user)
        trace.begin(container)
        return .subscription(topic: TraceStream.topic(container), backlog: [])
    }
}
