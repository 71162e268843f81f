/* SPDX-License-Identifier: Apache-2.0 */
/* Written by make -C bpf. */
/* 7fd82286f3442d766641389ddc9a4f0aa0f1b58195367c1b9a17e1133c16f31d  ringfence_x86_64.bpf.o */
/* de6cd174fcde1f0a3d58929ba3fe2e3f00259d54001d23ff2a98043ee3e4e37c  ringfence_arm64.bpf.o */
