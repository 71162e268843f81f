// SPDX-License-Identifier: Apache-2.0
import Control
import FoundationEssentials
import Platform
import Profiles

/// `ringfence network`: who talks to whom, and what a packet filter would have to let through.
enum NetworkCommand: Verb {
    /// What comes out.
    enum Format: String, CaseIterable {
        case table, json, dot, networkpolicy, nftables
    }

    static let options: [ParsedArguments.Option] =
        [
            .init(
                "--format", value: Format.allCases.map(\.rawValue).joined(separator: "|"), help: "form of the answer")
        ] + DaemonAddress.options

    static var help: String {
        "usage: ringfence network [CONTAINER] [--format FORMAT]\n\n"
            + "table, json and dot show what the daemon sees now; NEW is what the profile does not know\n"
            + "networkpolicy (Kubernetes) and nftables are made of what was learned, of CONTAINER, of the profile KEY or\n"
            + "of a profile's FILE, also without a daemon; read them before you apply them\n\n" + Usage.options(options)
    }

    static func run(_ arguments: ParsedArguments) throws(CommandFailure) -> Int32 {
        guard arguments.operands.count <= 1, arguments.command == nil else {
            throw .usage("usage: ringfence network [CONTAINER] [--format FORMAT]; see --help")
        }
        let name = try arguments.choice("--format", of: Format.allCases.map(\.rawValue)) ?? Format.table.rawValue
        let format = Format(rawValue: name) ?? .table
        let address = try DaemonAddress(arguments)
        let text: String
        switch format {
        case .table: text = printable(NetworkText.lines(try look(arguments.operands.first, address)))
        case .json:
            try Terminal.output.deliver(try look(arguments.operands.first, address).bytes + [0x0A])
            return 0
        case .dot: text = NetworkGraph.text(try look(arguments.operands.first, address))
        case .networkpolicy: text = try rules(arguments.operands.first, address).map(\.networkPolicy).joined()
        case .nftables: text = try rules(arguments.operands.first, address).map(\.nftables).joined()
        }
        try Terminal.output.deliver(Array(text.utf8))
        return 0
    }

    private static func printable(_ lines: [String]) -> String {
        lines.map { HostileText.printable($0) + "\n" }.joined()
    }

    private static func look(_ container: String?, _ address: DaemonAddress) throws(CommandFailure) -> JSONValue {
        try address.ask(.network, container.map { ["container": .string($0)] } ?? [:])
    }

    /// What the profiles say that are asked for: one, or all that know of peers.
    private static func rules(_ word: String?, _ address: DaemonAddress) throws(CommandFailure) -> [PeerRules] {
        guard let word else {
            let known = try everything(address).compactMap { try? PeerRules($0) }
            guard !known.isEmpty else { throw .noInput("no profile knows of network peers yet") }
            return known
        }
        return [try PeerRules(try ProfileSource.load(key(of: word, address) ?? word, address))]
    }

    /// The key of a running container's profile.
    private static func key(of container: String, _ address: DaemonAddress) -> String? {
        let all = (try? address.ask(.containers))?.elements ?? []
        let keys = all.filter {
            $0.string("name") == container || $0.string("id") == container
                || container.count >= 4 && $0.string("id").hasPrefix(container)
        }.map { $0.string("key") }
        return Set(keys).count == 1 ? keys.first : nil
    }

    /// Every profile: the daemon's, or those of its state directory where it does not run.
    private static func everything(_ address: DaemonAddress) throws(CommandFailure) -> [BehaviourProfile] {
        do throws(CommandFailure) {
            let keys = try address.ask(.profileList).elements?.map { $0.string("key") } ?? []
            return keys.compactMap { try? ProfileSource.load($0, address) }
        } catch {
            guard error.isNoDaemon, let names = try? FileTree.entries(of: address.profilesPath) else { throw error }
            return names.filter { $0.hasSuffix(".json") }.sorted().compactMap {
                try? ProfileSource.file(address.profilesPath + "/" + $0)
            }
        }
    }
}
