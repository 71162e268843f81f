/* SPDX-License-Identifier: Apache-2.0 */
/* Written by make -C bpf. */
/* 54be248b8bdcea468f25ca2d7d50f0646561fe0346b8ae7c8b85faa727bbf5b2  ringfence_x86_64.bpf.o */
/* bc048fa7a1cca2a1224e832a2dd0c20564508b2eabec01b1ad29c3ee7f89623b  ringfence_arm64.bpf.o */
