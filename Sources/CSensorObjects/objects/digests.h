/* SPDX-License-Identifier: Apache-2.0 */
/* Written by make -C bpf. */
/* bdd74e115311f7e6da799409378aa8e7c1bb02f35d99bb98a5f289a8d74d0e82  ringfence_x86_64.bpf.o */
/* 1cddedf7c74ceff3e202ddc08fc3284fe55467b13e5ae7b40cb76f50cc6f7266  ringfence_arm64.bpf.o */
