// SPDX-License-Identifier: Apache-2.0
import Control
import FoundationEssentials
import Platform
import Profiles

/// Who asks for a change over the control socket, and why.
struct VerbActor {
    /// The user id that the kernel gives for the peer.
    let user: UInt32
    /// The login name; escaped.
    let author: String
    /// In the peer's words; escaped.
    let reason: String

    /// The most bytes of a reason that are kept.
    private static let reasonLimit = 2048

    init(_ peer: PeerCredentials, _ request: ControlRequest) {
        user = peer.user
        author = HostileText.escaped(UserIdentity(String(peer.user))?.name ?? String(peer.user))
        let given = request.arguments["reason"]?.text ?? ""
        let isGiven = given.contains { !$0.isWhitespace }
        reason = isGiven ? HostileText.escaped(given.utf8.prefix(Self.reasonLimit)) : "no reason given"
    }

    /// As the review functions want it.
    func decider(_ date: Date) -> Review.Decider { Review.Decider(author: author, reason: reason, date: date) }
}

/// What came of a change: the answer, and what the audit says of it beside the reason.
struct VerbOutcome {
    let answer: JSONValue
    let detail: String

    init(_ answer: JSONValue, _ detail: String = "") {
        self.answer = answer
        self.detail = detail
    }
}

extension ControlFailure {
    /// A profile or the list of what is allowed could not be read or changed.
    init(_ error: ProfileError) {
        let code: Int32 =
            switch error.step {
            case .read: 66
            case .write: 74
            case .merge, .review: 65
            }
        self.init(
            "cannot \(error.step.rawValue) the profile \(error.subject): \(error.reason)", remedy: error.remedy,
            exitCode: code)
    }
}

extension ControlRequest {
    /// Texts in an array, or one text; none if the argument is not there.
    func texts(_ name: String) throws(ControlFailure) -> [String] {
        switch arguments[name] {
        case nil, .null?: return []
        case .string(let text)?: return [text]
        case .array(let elements)?:
            let texts = elements.compactMap(\.text)
            guard texts.count == elements.count, texts.count <= 1024 else { fallthrough }
            return texts
        default:
            throw ControlFailure(
                "\(verb.rawValue) needs \"\(name)\" to be a list of at most 1024 texts", exitCode: 64)
        }
    }

    /// A positive number of seconds, nil if the argument is not there.
    func seconds(_ name: String) throws(ControlFailure) -> Double? {
        guard let value = arguments[name], value != .null else { return nil }
        guard let seconds = value.number, seconds > 0, seconds <= 1e10 else {
            throw ControlFailure(
                "\(verb.rawValue) needs \"\(name)\" to be a number of seconds above 0", exitCode: 64)
        }
        return seconds
    }
}
