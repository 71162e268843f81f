/* SPDX-License-Identifier: Apache-2.0 */
/* Written by make -C bpf. */
/* c59cfc957996f084aba7bbba42985e1e9ff269dea0c9d6a7c84d94bd438498ed  ringfence_x86_64.bpf.o */
/* 14ccffff020100bff6b7df2d1e6c9dd1cee600a02cbb55d8d572f5d1eed0d5dc  ringfence_arm64.bpf.o */
