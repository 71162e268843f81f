/* SPDX-License-Identifier: Apache-2.0 */
/* Written by make -C bpf. */
/* fe6893a363fb932dce6c78dcd4c13038c432bf094201162115892741114fa571  ringfence_x86_64.bpf.o */
/* 35d75111205996a8e654207ce4a76ba2b8abeb9f543c8b33d8dde0345a86ed0e  ringfence_arm64.bpf.o */
