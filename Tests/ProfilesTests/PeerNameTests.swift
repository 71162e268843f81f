// SPDX-License-Identifier: Apache-2.0
import Events
import Platform
import Profiles
import TestSupport
import Testing

@Suite("PeerName")
struct PeerNameTests {
    @Test("what a name writes it reads, and is the same", arguments: 1...200)
    func roundTrip(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let kind = try #require(PeerSnapshot.Kind.allCases.randomElement(using: &random))
        let isIPv4 = Bool.random(using: &random)
        let address = NetworkAddress(
            high: isIPv4 ? 0 : random.next() & random.next(),
            low: isIPv4 ? 0xffff_0000_0000 | random.next() >> 32 : random.next() & random.next())
        let bytes = (0..<20).map { _ in UInt8.random(in: .min ... .max, using: &random) }
        let name =
            kind == .unix
            ? PeerName(unix: HostileText.escaped(bytes))
            : PeerName(
                kind, transport: [6, 17, 132, 1].randomElement(using: &random) ?? 6, address: address,
                port: UInt16.random(in: .min ... .max, using: &random))
        for covering in name.coverings {
            #expect(PeerName(covering.text) == covering, "\(covering.text)")
            #expect(HostileText.isEscaped(covering.text) && ProfileEntry.isValid(ProfileEntry.peer(covering.text)))
        }
        #expect(name.coverings.first == name)
    }

    @Test(
        "the forms are those of the documentation",
        arguments: [
            "connect/tcp/203.0.113.7:443", "connect/tcp/[2001:db8::1]:443", "send/udp/192.0.2.53:53", "listen/tcp/*:80",
            "listen/tcp/loopback:6379", "listen/tcp/*:any", "unix//run/docker.sock", "unix/@abstract",
            "connect/tcp/203.0.113.0/24:443", "connect/tcp/[2001:db8::]/64:443", "connect/tcp/*:443",
            "connect/ip1/127.0.0.1:0", "connect/tcp/api.example.com:443", "send/udp/db:53",
        ])
    func forms(text: String) { #expect(PeerName(text)?.text == text) }

    @Test(
        "what is written in another way is no name",
        arguments: [
            "", "connect", "connect/tcp", "connect/tcp/1.2.3.4", "connect/tcp/1.2.3.4:", "connect/tcp/1.2.3.4:65536",
            "connect/tcp/1.2.3.4:+5", "connect/tcp/1.2.3.4:08", "connect/tcp/[1.2.3.4]:80",
            "connect/tcp/2001:db8::1:80",
            "connect/tcp/[2001:DB8::1]:80", "connect/tcp/[::ffff:1.2.3.4]:80", "connect/ip6/1.2.3.4:80",
            "connect/tcp/1.2.3.4/24:80", "connect/tcp/1.2.3.0/25:80", "listen/tcp/1.2.3.4:80",
            "connect/tcp/loopback:80",
            "connect/tcp/1.2.3:80", "connect/tcp/0x7f.1:80", "connect/tcp/16909060:80", "connect/tcp/A.example:80",
            "connect/tcp/a.example.:80", "connect/tcp/a b:80", "listen/tcp/a.example:80",
            "connect/tcp/1.2.3.4:any", "listen/tcp/*:0", "unix/", "unix/a\nb", "Connect/tcp/1.2.3.4:80",
        ])
    func refused(text: String) { #expect(PeerName(text) == nil) }

    @Test("engine sockets are known by their end, the metadata service by its address, and no prefix stands for that")
    func remarks() throws {
        for text in ["/run/docker.sock", "/var/run/x/containerd.sock", "podman.sock", "/run/crio/crio.sock"] {
            #expect(PeerName(unix: text).isEngineSocket)
        }
        #expect(!PeerName(unix: "/run/docker.sock.d").isEngineSocket)
        for text in ["connect/tcp/169.254.169.254:80", "connect/tcp/[fd00:ec2::254]:80"] {
            let name = try #require(PeerName(text))
            #expect(name.isCloudMetadata && name.coverings == [name])
        }
        let mapped = try #require(NetworkAddress("::ffff:169.254.169.254"))
        #expect(PeerName(.connect, transport: 6, address: mapped, port: 80).isCloudMetadata)
        #expect(PeerName("connect/tcp/169.254.169.253:80")?.coverings.count == 3)
    }
}
