/* SPDX-License-Identifier: Apache-2.0 */
/* Written by make -C bpf. */
/* 8c06ba809f1f2e85b2fd08f78a82c691e4241d2941144093d01ab9a24b5c8e01  ringfence_x86_64.bpf.o */
/* cfdef42c05fca6fcb905c8ccce9a91d010c101cdb1e4ea9176f156be14fcb5f1  ringfence_arm64.bpf.o */
