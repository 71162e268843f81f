// SPDX-License-Identifier: Apache-2.0
import Control
import FoundationEssentials
import Glibc
import Platform

extension HostDaemon {
    /// Answers one request of the control socket. The server has checked who may ask.
    func answer(_ request: ControlRequest, _ peer: PeerCredentials) -> ControlAnswer {
        if request.verb == .trace { return startTrace(request, peer) }
        do throws(ControlFailure) {
            switch request.verb.access {
            case .read: return try look(request)
            case .admin: return .result(try change(request, by: VerbActor(peer, request)))
            }
        } catch { return .failure(error) }
    }

    /// What reads.
    private func look(_ request: ControlRequest) throws(ControlFailure) -> ControlAnswer {
        switch request.verb {
        case .ping: .result(ping)
        case .status: .result(status)
        case .containers: .result(try containers(request))
        case .inventory: .result(approvedInventory)
        case .network: .result(try network(request))
        case .alerts: try alerts(request)
        case .explain: .result(try explain(request))
        case .audit: try audit(request)
        case .profileList: .result(profileList)
        case .profileShow: .json(try profileFile(request, isExport: false))
        case .profileExport: .json(try profileFile(request, isExport: true))
        case .profileDiff: .json(try profileDiff(request))
        case .allowList: .result(allowList)
        default: throw ControlFailure("\(request.verb.rawValue) is no verb that reads", exitCode: 76)
        }
    }

    /// What changes. Whatever comes of it is in the audit, with the user's id and reason, before the answer goes out.
    private func change(_ request: ControlRequest, by actor: VerbActor) throws(ControlFailure) -> JSONValue {
        let subject =
            ["key", "alert", "entry", "container"].lazy.compactMap { request.arguments[$0]?.text }.first
            ?? request.arguments["keys"]?.elements.map { $0.compactMap(\.text).joined(separator: ", ") }
        func record(_ detail: String) {
            journal.record(
                request.verb.rawValue, subject: subject ?? "ringfenced",
                reason: detail.isEmpty ? actor.reason : "\(actor.reason); \(detail)", actor: actor.user)
            journal.flush()
        }
        do throws(ControlFailure) {
            let outcome = try perform(request, by: actor)
            record(outcome.detail)
            // What was changed shows at once, not with the next second.
            wakeUps.control.raise()
            return outcome.answer
        } catch {
            record("refused: \(error.message)")
            throw error
        }
    }

    private func perform(_ request: ControlRequest, by actor: VerbActor) throws(ControlFailure) -> VerbOutcome {
        switch request.verb {
        case .profileMerge: try merge(request, by: actor)
        case .profileApprove: try approve(request, by: actor)
        case .profileHold, .profileReject: try decide(request, by: actor)
        case .profileRelearn: try relearn(request, by: actor)
        case .profileLock: try lock(request, by: actor)
        case .profileImport: try importProfile(request, by: actor)
        case .allow: try allow(request, by: actor)
        case .allowRemove: try removeAllow(request, by: actor)
        case .inventoryApprove: try approveContainers(request, by: actor)
        case .inventoryDisapprove: try disapproveContainers(request, by: actor)
        case .alertsTest: testAlerts(by: actor)
        case .reload: try reloadNow()
        default: throw ControlFailure("\(request.verb.rawValue) is no verb that changes", exitCode: 76)
        }
    }

    private var ping: JSONValue {
        [
            "pid": .count(getpid()), "version": .string(ProgramVersion.text),
            "alerts": .string(configuration.alertsPath), "state": .string(configuration.stateDirectory),
        ]
    }
}
