// SPDX-License-Identifier: Apache-2.0
import Control
import Events
import Platform
import Profiles

extension PeerRules {
    /// A Kubernetes NetworkPolicy (networking.k8s.io/v1), one YAML document. It selects pods by a label of its own: until
    /// somebody gives them that, it does nothing.
    var networkPolicy: String {
        let label = "ringfence.profile/\(identifier)"
        let header = [
            "what ringfence learned of the profile \"\(key)\"",
            "label the pods with \(label)=yes; one pod with several containers gets the label of each",
            "an ipBlock may not match other pods (that depends on the network plug-in): name those with podSelector",
        ]
        var lines = ["---"] + (header + remarks).map { "# " + HostileText.printable($0) }
        lines += [
            "apiVersion: networking.k8s.io/v1", "kind: NetworkPolicy", "metadata:",
            "  name: \(Self.quoted("ringfence-" + identifier))", "  annotations:",
            "    ringfence.profile: \(Self.quoted(key))", "spec:", "  podSelector:", "    matchLabels:",
            "      \(Self.quoted(label)): \"yes\"", "  policyTypes: [\"Ingress\", \"Egress\"]",
        ]
        // A rule without ports would be one for all ports.
        lines += incoming.isEmpty ? ["  ingress: []"] : ["  ingress:", "    - ports:"] + incoming.map(Self.port)
        lines += outgoing.isEmpty ? ["  egress: []"] : ["  egress:"]
        var flows = outgoing[...]
        while let first = flows.first {
            let same = flows.filter { $0.place == first.place }
            flows.removeAll { $0.place == first.place }
            lines += ["    - to:"] + Self.blocks(first.place) + ["      ports:"] + same.map(Self.port)
        }
        return lines.map { $0 + "\n" }.joined()
    }

    private static func blocks(_ place: PeerName.Place) -> [String] {
        let hidden = metadata(within: place)
        let blocks: [(cidr: String, isIPv4: Bool)] =
            switch place {
            case .address(let address): [(cidr(address), address.isIPv4)]
            case .prefix(let prefix): [(cidr(prefix, isPrefix: true), prefix.isIPv4)]
            case .any, .loopback, .name, .host: [("0.0.0.0/0", true), ("::/0", false)]
            }
        return blocks.map { block, isIPv4 in
            let except = hidden.filter { $0.isIPv4 == isIPv4 }.map { quoted(cidr($0)) }
            let more = except.isEmpty ? "" : ", except: [\(except.joined(separator: ", "))]"
            return "        - ipBlock: {cidr: \(quoted(block))\(more)}"
        }
    }

    private static func port(_ flow: Flow) -> String {
        let ports =
            flow.port == 0
            ? "port: \(chosenPorts.lowerBound), endPort: \(chosenPorts.upperBound)" : "port: \(flow.port)"
        return "        - {protocol: \(quoted(flow.transport.uppercased())), \(ports)}"
    }

    /// A JSON string, which is a YAML scalar in double quotes (YAML 1.2, 7.3.1).
    private static func quoted(_ text: String) -> String {
        String(decoding: JSONValue.string(HostileText.printable(text)).bytes, as: UTF8.self)
    }
}
