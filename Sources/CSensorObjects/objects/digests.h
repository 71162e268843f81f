/* SPDX-License-Identifier: Apache-2.0 */
/* Written by make -C bpf. */
/* 758aa5acd5bf5cce94859253bccc76ae3c048db085b15472b55f9c0d71f7090a  ringfence_x86_64.bpf.o */
/* da987122d2898078891eca3cba0b4a8f21a99e68dd40f3cf1c6b8dc9bc48dd51  ringfence_arm64.bpf.o */
