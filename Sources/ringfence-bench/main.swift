// SPDX-License-Identifier: Apache-2.0
import Glibc

exit(Benchmark.run(Array(CommandLine.arguments.dropFirst())))
