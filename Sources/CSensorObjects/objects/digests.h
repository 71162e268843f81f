/* SPDX-License-Identifier: Apache-2.0 */
/* Written by make -C bpf. */
/* 4b2a4a2857881e20ae0b04217bee979b0f5d8a68b3e9836fcf88e3bc31e83ab0  ringfence_x86_64.bpf.o */
/* 29f421393fc20a0f3e961d289ab6d513aba6726ead22557b9ab7f1a0b43a882e  ringfence_arm64.bpf.o */
