// SPDX-License-Identifier: Apache-2.0
import Alerts
import Detection
import Events
import Profiles

/// A network peer, the names that its address was found by, and what a profile says of both.
struct JudgedPeer {
    let name: PeerName
    /// The likeliest of its names.
    let host: String?
    private let judgement: PeerMatcher.Judgement

    /// - Parameter hosts: the names by which its address was found, the likeliest first.
    init(_ name: PeerName, hosts: [String], _ matcher: PeerMatcher) {
        self.name = name
        host = name.canHaveHost ? hosts.first : nil
        judgement = matcher.judge(name, hosts: hosts)
    }

    var isExpected: Bool { judgement == .expected }

    var rule: AlertRule {
        if name.isEngineSocket { return .engineSocket }
        if case .newAddress = judgement { return .newAddress }
        return name.kind == .listen ? .newListener : .newDestination
    }

    /// What is new: an address of a known name, the name if it is not known, else the address.
    var item: PeerName {
        if case .newAddress = judgement { return name }
        return host.map { name.at(host: $0) } ?? name
    }

    /// A known name at another address is told, and is not grave by itself however many there are.
    func weight(maturity: Double) -> Double {
        switch rule {
        case .newAddress: 0
        case .newDestination: Score.points(.middle, maturity: maturity)
        default: Score.points(.high, maturity: maturity)
        }
    }

    var detail: String? {
        if case .newAddress(let host) = judgement { return "an address that \(host) did not have before" }
        return name.remark
    }
}
