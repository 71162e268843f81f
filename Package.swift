// swift-tools-version: 6.2
// SPDX-License-Identifier: Apache-2.0
import PackageDescription

/// Every module is strict: a warning or an unmarked unsafe expression stops the build.
let strict: [SwiftSetting] = [
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

func module(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// With the static Swift runtime, a release program also carries the C++ and compiler support libraries, so that it needs
/// nothing that a Debian system with libbpf and libseccomp may lack. The runtime's own list of libraries ends with
/// -lstdc++, which finds the shared one: lld, which the toolchain brings, is told to read nothing there, and takes
/// the archive instead, whose place in the list does not matter to it.
let portable: [LinkerSetting] = [
    .unsafeFlags(
        [
            "-use-ld=lld", "-Xclang-linker", "-static-libgcc",
            "-Xlinker", "--remap-inputs=*/libstdc++.so=/dev/null", "-Xlinker", "-l:libstdc++.a",
        ],
        .when(platforms: [.linux], configuration: .release))
]

func program(_ name: String, _ dependencies: [Target.Dependency]) -> Target {
    .executableTarget(name: name, dependencies: dependencies, swiftSettings: strict, linkerSettings: portable)
}

func tests(_ name: String, _ dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

let package = Package(
    name: "ringfence",
    targets: [
        .systemLibrary(name: "CLibBPF", pkgConfig: "libbpf", providers: [.apt(["libbpf-dev"])]),
        .systemLibrary(name: "CLibSeccomp", pkgConfig: "libseccomp", providers: [.apt(["libseccomp-dev"])]),
        .target(name: "CEvents"),
        .target(name: "CSensorObjects", exclude: ["objects"]),
        .target(name: "CShims"),
        .target(name: "CSeccompData"),
        .target(name: "CRiskData"),
        module("Platform", ["CShims"]),
        module("Events", ["CEvents", "Platform"]),
        module("Sensor", ["CLibBPF", "CSensorObjects", "CEvents", "Events", "Platform"]),
        module("Containers", ["CRiskData", "Events", "Platform"]),
        module("Detection", ["CEvents", "Events"]),
        module("Profiles", ["CEvents", "Detection", "Events", "Platform"]),
        module("Seccomp", ["CLibSeccomp", "CSeccompData", "CShims", "Events", "Profiles", "Platform"]),
        module("Recorder", ["CEvents", "CShims", "Sensor", "Containers", "Profiles", "Seccomp", "Events", "Platform"]),
        module("Alerts", ["Detection", "Containers", "Platform"]),
        module("Control", ["Platform"]),
        module(
            "Daemon",
            [
                "CEvents", "CShims", "Recorder", "Sensor", "Containers", "Profiles", "Seccomp", "Alerts", "Control",
                "Detection", "Events", "Platform",
            ]),
        module(
            "CommandLineTool",
            [
                "Recorder", "Sensor", "Containers", "Profiles", "Seccomp", "Alerts", "Control", "Events", "Platform",
            ]),
        program("ringfence", ["CommandLineTool"]),
        program("ringfenced", ["Daemon"]),
        .target(name: "CBench", dependencies: ["CLibBPF"]),
        program(
            "ringfence-bench",
            [
                "CBench", "CEvents", "Detection", "Sensor", "Containers", "Profiles", "Seccomp", "Events", "Platform",
            ]),
        .target(
            name: "TestSupport", dependencies: ["CEvents", "CShims", "Containers", "Platform"],
            path: "Tests/TestSupport",
            exclude: ["Programs"],
            swiftSettings: strict),
        tests("PlatformTests", ["TestSupport", "Platform"]),
        tests("EventsTests", ["TestSupport", "Events", "CEvents"]),
        tests("SensorTests", ["TestSupport", "CLibBPF", "Containers", "Sensor", "CShims", "Events", "Platform"]),
        tests("ContainersTests", ["TestSupport", "Containers", "Events", "Platform"], resources: [.copy("Fixtures")]),
        tests("DetectionTests", ["TestSupport", "CEvents", "Detection", "Events"]),
        tests("ProfilesTests", ["TestSupport", "Profiles", "Events", "Platform"]),
        tests("AlertsTests", ["TestSupport", "Alerts", "Containers", "Detection", "Platform"]),
        tests("ControlTests", ["TestSupport", "Control", "Platform"]),
        tests(
            "DaemonTests",
            [
                "TestSupport", "Daemon", "Sensor", "Containers", "Profiles", "Alerts", "Control", "Detection",
                "CEvents", "Events", "Platform",
            ]),
        tests(
            "CommandLineToolTests",
            ["TestSupport", "CommandLineTool", "Alerts", "Containers", "Control", "Profiles", "Events", "Platform"]),
        tests("SeccompTests", ["TestSupport", "Seccomp", "Profiles", "Events", "Platform"]),
        tests(
            "RecorderTests",
            [
                "TestSupport", "Recorder", "CommandLineTool", "CEvents", "Sensor", "Profiles", "Seccomp", "Events",
                "Platform",
            ]),
    ],
    cLanguageStandard: .gnu2x
)
