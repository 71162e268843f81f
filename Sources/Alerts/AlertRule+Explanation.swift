// SPDX-License-Identifier: Apache-2.0

extension AlertRule {
    /// For people who see this rule for the first time: what it means and what is behind it in most cases.
    package var explanation: String {
        switch self {
        case .tamper:
            "A pin, a link or a table of Ringfence was removed or changed by somebody else. It was put back. Only root can "
                + "do that: find out who did."
        case .neverAllowCall:
            "The call is on the never-allow list: it reads other processes, changes the kernel or leaves the container. "
                + "Servers have no use for it; debuggers and some builders do."
        case .engineSocket:
            "The socket takes orders from whoever connects: start a container with the host's files in it, enter others, "
                + "change them. Few containers have use for it: agents that watch others, and some builders."
        case .newListener:
            "The container waits for connections, or receives datagrams, at a port that no learned instance listened at. A "
                + "backdoor that waits for its owner does that; a new feature or setting is the usual harmless cause."
        case .newDestination:
            "The container contacted an address and port, or a unix socket, that no learned instance contacted. Malware calls "
                + "home like that, and whoever explores the network from inside; services that change their addresses do, too."
        case .newAddress:
            "The container found the address by a name that it has always contacted, at other addresses so far. Services in "
                + "clouds move like that; so does a name that somebody has taken over, or an answer that was forged."
        case .foreignABI:
            "A 64-bit container made calls through another system call table, as 32-bit programs do. Many filters look at "
                + "call numbers alone, and attackers know it."
        case .unexpectedExecutable:
            "The container ran a program that no learned instance ever ran. A shell, a downloaded file or a file that exists "
                + "in memory only is the usual first step after a server was taken over; a new version of the image is the "
                + "usual harmless cause."
        case .replacedExecutable:
            "A program that is known was executed, and its file is another one: it no longer comes from where it came from when "
                + "it was learned. Attackers replace what is trusted; an update in the running container is the usual harmless "
                + "cause."
        case .newCredentials:
            "A process had another effective user or more capabilities than any process of a learned instance. A program with "
                + "the set-user-id bit does that, and so does an exploit of the kernel or of a service of root's; a setting of "
                + "the container that was changed is the usual harmless cause."
        case .newParent:
            "Both programs are known, and no learned instance ever saw the one execute the other. A server that starts a shell, "
                + "which until now only the start script did, is how most break-ins begin."
        case .ioUringOperation:
            "Operations of io_uring do what system calls do, unseen by seccomp filters. No learned instance used this one."
        case .unexpectedCall:
            "No learned instance made this system call in this phase. It is either a path of the program that the learning "
                + "window never saw, or code that is not the program's."
        case .outOfRangeCall:
            "Such a number names no call. Programs that probe what the kernel has do that, and so do broken exploits."
        case .migration:
            "A process of one container was moved into the cgroup of another, or out of every container. Runtimes do not do "
                + "that; whoever may write to the cgroup file system does, to live under another one's limits and name."
        case .execSession:
            "Somebody entered the running container from outside, as `docker exec` and nsenter do. Health checks are told "
                + "apart once they have recurred."
        case .seccompDenied:
            "The container's seccomp filter refused a call. Either the filter lacks what the program needs, or the filter "
                + "has just stopped somebody."
        case .unexpectedContainer:
            "A container runs whose key is not in the approved inventory. Whoever can talk to an engine can start one, with the "
                + "host's files in it: find out who did. A new service that nobody has approved yet is the usual harmless cause."
        case .loss:
            "Records could not be delivered. What the container used is known all the same; who did it, when and how may be "
                + "missing. A flood can be meant to hide something."
        case .gap:
            "The daemon was not running. What containers used meanwhile was kept by the kernel and is judged now; times and "
                + "processes of that span are missing."
        case .health: "A part of Ringfence failed or is late. `ringfence status` says which."
        case .test: "Somebody asked for this alert to see whether it arrives. It means nothing else."
        }
    }
}
