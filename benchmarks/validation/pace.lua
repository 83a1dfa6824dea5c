-- For wrk: a pause of 100 ms after each answer, so that ten connections offer about 100 requests/s, in a closed loop.
function delay()
   return 100
end
