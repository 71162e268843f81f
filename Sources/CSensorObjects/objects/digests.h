/* SPDX-License-Identifier: Apache-2.0 */
/* Written by make -C bpf. */
/* 8400f1a54d95acee4ecc84b6f93f89253da6cf4985de1e687ca578d7bc95ff37  ringfence_x86_64.bpf.o */
/* abec958d21a17bb81a8cff0de2751f82151431e72f7c17aa1e3cb22fae37f6df  ringfence_arm64.bpf.o */
