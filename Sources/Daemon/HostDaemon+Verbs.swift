// SPDX-License-Identifier: Apache-2.0
import Control
import Platform

extension HostDaemon {
    /// Answers one request of the control socket.
    func answer(_ request: ControlRequest, _ peer: PeerCredentials) -> ControlAnswer {
        switch request.verb {
        case .ping: .result(["pid": .integer(Int64(peer.pid))])
        case .trace: startTrace(request, peer)
        default: .failure(ControlFailure("this verb is not there yet", exitCode: 69))
        }
    }
}
