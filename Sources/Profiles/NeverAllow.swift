// SPDX-License-Identifier: Apache-2.0

/// The calls that no generated profile allows just because they were seen, with the reason shown to people. The same
/// list as `profiles/never-allow.conf`, carried inside so that the tool needs no file at run time.
package enum NeverAllow {
    /// How grave a call is. Raw values are the numbers of the list.
    package enum Tier: Int, Sendable, CaseIterable, Comparable, Codable {
        /// Never in a deployed container.
        case never = 0
        /// Needs a written reason.
        case justified = 1
        /// Allowed when seen, and flagged.
        case notable = 2

        package static func < (left: Tier, right: Tier) -> Bool { left.rawValue < right.rawValue }
    }

    /// One line of the list.
    package struct Entry: Equatable, Sendable {
        /// A call, `socket:FAMILY` or `clone:FLAG`.
        package let item: String
        package let tier: Tier
        package let reason: String
    }

    /// The clone(2) flags that create namespaces. CLONE_NEWTIME is not among them: its bit is part of clone's signal
    /// number, so only unshare(2) and clone3(2) can be given it.
    package static let namespaceFlags: UInt32 = 0x7E02_0000

    /// The clone(2) flags of tier 1, by item.
    package static let cloneFlags: [String: UInt32] = [
        "clone:CLONE_NEWNS": 0x0002_0000, "clone:CLONE_NEWCGROUP": 0x0200_0000, "clone:CLONE_NEWUTS": 0x0400_0000,
        "clone:CLONE_NEWIPC": 0x0800_0000, "clone:CLONE_NEWUSER": 0x1000_0000, "clone:CLONE_NEWPID": 0x2000_0000,
        "clone:CLONE_NEWNET": 0x4000_0000,
    ]

    /// The socket(2) address families of tier 1, by item.
    package static let socketFamilies: [String: UInt32] = [
        "socket:AF_PACKET": 17, "socket:AF_ALG": 38, "socket:AF_VSOCK": 40,
    ]

    /// Every entry, in the order of the list.
    package static let entries: [Entry] = parse(table) ?? []

    private static let byItem = Dictionary(uniqueKeysWithValues: entries.map { ($0.item, $0) })

    /// The tier of a call, of `socket:FAMILY` or of `clone:FLAG`; nil for an ordinary one.
    package static func tier(of call: String) -> Tier? { byItem[call]?.tier }

    /// Why the call is on the list, in a few words; nil for an ordinary one.
    package static func reason(for call: String) -> String? { byItem[call]?.reason }

    /// The entries of a list in the form of `never-allow.conf`; nil if a line is not `tier item reason` or an item is
    /// there twice.
    package static func parse(_ text: String) -> [Entry]? {
        var entries: [Entry] = []
        var items: Set<Substring> = []
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            let words = line.split(separator: " ", maxSplits: 2)
            guard words.count == 3, let number = Int(words[0]), let tier = Tier(rawValue: number),
                items.insert(words[1]).inserted
            else { return nil }
            let reason = words[2].drop { $0 == " " }
            entries.append(Entry(item: String(words[1]), tier: tier, reason: String(reason)))
        }
        return entries
    }

    private static let table = """
        0 ptrace  reads and changes any other process of the container
        0 process_vm_readv  reads the memory of other processes
        0 process_vm_writev  writes the memory of other processes
        0 pidfd_getfd  takes open files out of other processes
        0 kexec_load  replaces the running kernel
        0 kexec_file_load  replaces the running kernel
        0 init_module  loads code into the kernel
        0 finit_module  loads code into the kernel
        0 delete_module  removes code from the kernel
        0 bpf  loads programs into the kernel; the kernel's most attacked interface of recent years
        0 perf_event_open  observes other processes and the kernel; a long record of privilege escalations
        0 userfaultfd  holds the kernel inside a page fault, which makes its races easy to exploit
        0 open_by_handle_at  opens files by number past the container's root: the classic container escape
        0 iopl  direct access to the machine's I/O ports
        0 ioperm  direct access to the machine's I/O ports
        0 reboot  restarts or stops the machine
        0 swapon  changes the machine's swap space
        0 swapoff  changes the machine's swap space
        1 mount  changes what the container sees as its files
        1 umount  uncovers what a mount hides
        1 umount2  uncovers what a mount hides
        1 move_mount  changes what the container sees as its files
        1 open_tree  copies mounts, also detached from any path rule
        1 fsopen  creates a file system; its parsers run in the kernel
        1 fsconfig  configures a file system; its parsers run in the kernel
        1 fsmount  creates a mount
        1 fspick  reconfigures a mounted file system
        1 mount_setattr  changes a mount's read-only, noexec or id mapping
        1 unshare  creates namespaces: a user namespace opens the kernel's privileged code to anyone
        1 setns  enters other namespaces
        1 pivot_root  changes the container's root
        1 chroot  changes a process's root; a way out of an outer chroot
        1 keyctl  the kernel's key rings are shared between containers
        1 add_key  the kernel's key rings are shared between containers
        1 request_key  the kernel's key rings are shared between containers
        1 io_uring_setup  performs calls that no seccomp filter sees
        1 io_uring_enter  performs calls that no seccomp filter sees
        1 io_uring_register  performs calls that no seccomp filter sees
        1 clone:CLONE_NEWNS  creates a mount namespace
        1 clone:CLONE_NEWCGROUP  creates a cgroup namespace
        1 clone:CLONE_NEWUTS  creates a host name namespace
        1 clone:CLONE_NEWIPC  creates an IPC namespace
        1 clone:CLONE_NEWUSER  creates a user namespace, which opens the kernel's privileged code to anyone
        1 clone:CLONE_NEWPID  creates a process namespace
        1 clone:CLONE_NEWNET  creates a network namespace
        1 socket:AF_PACKET  reads and forges raw network frames
        1 socket:AF_ALG  the kernel's cryptography interface: rarely used, often vulnerable
        1 socket:AF_VSOCK  talks to the hypervisor, past every network rule
        2 modify_ldt  old segment tables, used by emulators and by exploits
        2 personality  can switch off address space randomisation
        2 move_pages  moves the memory of other processes
        2 mbind  memory placement; a record of kernel bugs
        2 name_to_handle_at  the first half of opening files by number
        2 splice  moves pages between files and pipes; used by DirtyPipe
        2 vmsplice  maps pages into pipes; used by DirtyPipe
        2 tee  duplicates pipe pages
        2 shmget  System V shared memory outlives its processes
        2 shmat  System V shared memory outlives its processes
        2 shmctl  System V shared memory outlives its processes
        2 shmdt  System V shared memory outlives its processes
        2 semget  System V semaphores; a record of kernel bugs
        2 semop  System V semaphores; a record of kernel bugs
        2 semtimedop  System V semaphores; a record of kernel bugs
        2 semctl  System V semaphores; a record of kernel bugs
        2 msgget  System V messages; their allocations help heap exploits
        2 msgsnd  System V messages; their allocations help heap exploits
        2 msgrcv  System V messages; their allocations help heap exploits
        2 msgctl  System V messages; their allocations help heap exploits
        2 ipc  every System V call through one number
        2 memfd_create  holds programs in memory that are on no file system
        2 seccomp  installs filters; harmless, but shows a sandbox of the program's own
        2 landlock_create_ruleset  a sandbox of the program's own
        2 landlock_add_rule  a sandbox of the program's own
        2 landlock_restrict_self  a sandbox of the program's own
        """
}
