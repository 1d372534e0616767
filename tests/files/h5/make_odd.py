"""Writes the small HDF5 files of odd forms. Needs h5py."""
import pathlib
import struct

import h5py, numpy as np
HERE = pathlib.Path(__file__).resolve().parent
def fill(f):
    f.attrs["text"]="grüße"; f.attrs["fixed"]=np.bytes_("fixed"); f.attrs["none"]=np.array([],"f8")
    f.attrs["names"]=["a","bb",""]; f.attrs["fixed_names"]=np.array([b"x",b"yy"]); f.attrs["flag"]=True
    f.attrs["long"]="x"*5000
    for t in "f2 f4 f8 >f2 >f4 >f8 i1 i2 i4 i8 u1 u2 u4 u8 >i2 >i8 ?".split():
        values=np.array([[0,1],[1,0]]) if t=="?" else np.array([[0,1],[2,100]])
        f["types/"+t.replace(">","big_")]=values.astype(t)
    f["types/minus"]=np.array([-1,-128],"i1")
    f["types/minus_half"]=np.array([-1.5,6e-8,np.inf],"f2")
    d=f.create_dataset("types/bfloat16",data=np.frombuffer(b"\xc0\x3f\x00\xc0",dtype="V2")); d.attrs["dtype"]="bfloat16"
    ramp=np.arange(35,dtype="f4").reshape(5,7)
    f.create_dataset("chunks/gzip",data=ramp,chunks=(2,3),compression="gzip",shuffle=True,fletcher32=True)
    f.create_dataset("chunks/plain",data=ramp,chunks=(2,3))
    f.create_dataset("chunks/one",data=ramp,chunks=(5,7),compression="gzip")
    f.create_dataset("chunks/grows",data=ramp,chunks=(2,3),maxshape=(None,None))
    f.create_dataset("chunks/part",shape=(4,4),dtype="f4",chunks=(2,2),fillvalue=1.5)[0,0]=7
    f.create_dataset("unwritten",shape=(3,),dtype="f4",fillvalue=2.5)
    f["scalar"]=np.float32(2); f["large"]=np.int64(2**53+1); f["empty"]=np.zeros((0,3),"f4")
    f["passed_over"]="a text"; f["nothing"]=h5py.Empty("f4")
    g=f.create_group("many")
    for i in range(40): g.create_dataset("d%d"%i,data=np.float32(i))
    for i in range(20): g.attrs["a%d"%i]="v%d"%i
for name,options in {"earliest":dict(libver="earliest"),"latest":dict(libver="latest"),"tracked":dict(track_order=True)}.items():
    with h5py.File(HERE/f"{name}.h5","w",**options) as f: fill(f)
for name,link in {"soft":h5py.SoftLink("/a"),"outside":h5py.ExternalLink("other.h5","/a")}.items():
    with h5py.File(HERE/f"{name}.h5","w") as f: f["a"]=np.float32(1); f["link"]=link
with h5py.File(HERE/"circle.h5","w") as f: f["a/b"]=np.float32(1); f["a/up"]=f["/"]
with h5py.File(HERE/"many_texts.h5","w") as f:
    # Every reference leads to the same long text.
    f.attrs["first"]=["x"*9000]
    for i in range(2): f.attrs[f"names{i}"]=["yz"]*1000
data=bytearray((HERE/"many_texts.h5").read_bytes())
at=data.find(struct.pack("<I",9000)); long=bytes(data[at:at+16])
at=0
while (at:=data.find(struct.pack("<I",2),at))>=0:
    where=struct.unpack("<Q",data[at+4:at+12])[0]
    if data[where:where+4]==b"GCOL": data[at:at+16]=long; at+=16
    else: at+=1
(HERE/"many_texts.h5").write_bytes(data)
with h5py.File(HERE/"bomb.h5","w") as f:
    f.create_dataset("zeros",data=np.zeros((1<<11,1<<11),"f4"),chunks=(1<<11,1<<11),compression="gzip",compression_opts=9)
with h5py.File(HERE/"sparse.h5","w") as f: f.create_dataset("sparse",shape=(1<<40,),dtype="f4",chunks=(1<<10,))
