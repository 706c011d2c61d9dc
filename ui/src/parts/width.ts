import {useEffect, useRef, useState} from 'preact/hooks'

/** An element, and how wide it is. */
export function useWidth(): [{current: HTMLDivElement | null}, number] {
  const box = useRef<HTMLDivElement>(null)
  const [width, setWidth] = useState(0)
  useEffect(() => {
    const element = box.current
    if (!element) return
    const measured = new ResizeObserver(() => setWidth(element.clientWidth))
    measured.observe(element)
    setWidth(element.clientWidth)
    return () => measured.disconnect()
  }, [])
  return [box, width]
}
